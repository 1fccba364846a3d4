# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verb checkout, root's part: it chooses the slot, writes its marker, and
# replaces a working copy that cannot be repaired by a new one. The checkout
# itself is in svn.bash and git.bash and runs as the deploy user.
#
# A slot's marker is removed, durably, before the slot is changed, and written
# when it is whole. Its time is the moment at which the slot was known to equal
# a fresh checkout: a file that changed later (ctime, which nobody can set) is
# not trusted to be unedited although its size and mtime are the same.

# run_part PART FOLDER [FROM SINCE]: runs one deploy function; its findings are
# lines NAME=VALUE in $job_folder/result, and are checked like any input.
run_part() {
  deploy_environment=(
    "slot=$2" "from=${3-}" "since=${4-}" "berth=$root/.berth"
    "shared_folder=$root/shared" "kind=$kind" "repository=$repository"
    "path=${argument[path]}" "encoded=${argument[encoded]}"
    "revision=${argument[revision]}" "job=$job"
    "patch=$root/.berth/patches/$job-${2##*/}.patch"
    "shared_names=$(printf '%s\n' "${shared[@]}")"
  )
  cd -- "$2" || fail "cannot enter $2"
  as_deploy "$kind" "$SELF" --deploy "$1" 5>"$job_folder/result"
  local status=$?
  cd /
  return "$status"
}

# result_of NAME: a number that the deploy part reported.
result_of() {
  local value
  value=$(head -c 65536 -- "$job_folder/result" | grep -am 1 "^$1=")
  value=${value#*=}
  [[ $value =~ ^[0-9]{1,12}$ ]] || value=0
  printf %s "$value"
}

# remove_tree FOLDER...: as root, because the tree can contain files of others.
# rm descends by descriptors and follows no link.
remove_tree() { rm -rf --one-file-system -- "$@"; }

# update_in_place SLOT: updates the existing slot, or a copy of the other one.
update_in_place() {
  local slot=$1 other from='' since=''
  [[ $1 == a ]] && other=b || other=a
  if [[ -d $root/$slot ]]; then
    since=$marked_at
  elif is_whole "$other"; then
    from=$root/$other
    since=$(stat -c %.9Y -- "$(marker_of "$other")")
    make_folder "$uid" "$gid" "$root/$slot"
  else
    return 3
  fi
  run_part update "$root/$slot" "$from" "$since"
}

# checkout_fresh SLOT: checks out into a new folder, which replaces the slot.
checkout_fresh() {
  local slot=$1 status
  make_folder "$uid" "$gid" "$root/$slot.new"
  run_part fresh "$root/$slot.new"
  status=$?
  if ((status != 0)); then
    fail "cannot check out ${argument[path]} at ${argument[revision]}" \
      "{\"lines\":$(last_lines)}"
  fi
  if [[ -e $root/$slot ]]; then
    mv -T -- "$root/$slot" "$root/$slot.old" || fail "cannot rename $root/$slot"
  fi
  mv -T -- "$root/$slot.new" "$root/$slot" && sync -- "$root" ||
    fail "cannot rename $root/$slot.new"
  remove_tree "$root/$slot.old"
}

# write_marker SLOT FILES: marks the slot as whole. Its files were written more
# than a clock tick before the marker's time, and any edit comes more than one
# after it.
write_marker() {
  local marker at path revision text
  marker=$(marker_of "$1")
  as_json path "${argument[path]}" &&
    as_json revision "${argument[revision]}" || fail "cannot write $marker"
  sleep 0.02
  at=$(date +%s.%N)
  sleep 0.02
  printf -v text '{"application":"%s","path":%s,"revision":%s,"job":%d,' \
    "$application" "$path" "$revision" "$job"
  printf '%s"files":%d,"at":"%s"}\n' "$text" "$2" \
    "$(date -u -d "@$at" +%FT%TZ)" >"$marker.new" &&
    touch -d "@$at" -- "$marker.new" && sync -- "$marker.new" &&
    mv -T -- "$marker.new" "$marker" && sync -- "$root/.berth" ||
    fail "cannot write $marker"
}

verb_checkout() {
  local slot marker marked_at='' fresh=false status patch revision files
  [[ ${argument[kind]} == "$kind" && \
    ${argument[repository]} == "$repository" ]] ||
    refuse "the repository of $application differs from the one in this\
 guest's file"
  ensure_root
  nothing_pending
  read_current
  slot=$(idle_slot)
  [[ ! -L $root/$slot && (! -e $root/$slot || -d $root/$slot) ]] ||
    fail "$root/$slot is not a folder"
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  begin_cancellable
  marker=$(marker_of "$slot")
  if [[ -e $marker ]]; then
    marked_at=$(stat -c %.9Y -- "$marker")
    rm -f -- "$marker" && sync -- "$root/.berth" || fail "cannot remove $marker"
  fi
  remove_tree "$root"/{a,b}.{new,old}
  update_in_place "$slot"
  status=$?
  if ((status == 4)); then
    fail "cannot check out ${argument[path]} at ${argument[revision]}" \
      "{\"lines\":$(last_lines)}"
  elif ((status != 0)); then
    fresh=true
    ((status == 3)) ||
      log 'the working copy cannot be repaired; making a fresh checkout'
    checkout_fresh "$slot"
  fi
  end_cancellable
  files=$(result_of files)
  write_marker "$slot" "$files"
  patch=$root/.berth/patches/$job-$slot.patch
  [[ -f $patch && ! -L $patch ]] || patch=
  as_json revision "${argument[revision]}" && or_null patch "$patch" ||
    fail 'cannot print what was done'
  done_with "{\"slot\":\"$slot\",\"revision\":$revision,\"files\":$files,\
\"changed\":$(result_of changed),\"fresh\":$fresh,\"patch\":$patch}"
}
