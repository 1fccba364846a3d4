# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verbs switch and settle. At any instant a kill or a power cut leaves
# enough on disk to go back to byte-equal old files, or forward:
#
#   staged set  ->  old/N saved  ->  manifest.json "begun"  ->  files renamed
#   into place  ->  configtest  ->  current moved  ->  manifest "switched"
#
# each step fsynced before the next begins. The manifest is what makes a switch
# pending; removing it settles it. It holds, for each file that changes: its
# path, its mode, and the number of the saved copy or null (there was none); and
# the folders that have to be made. Both ways are idempotent: they only look at
# the manifest, never at how far somebody came.

# temporary PLACE: beside it, in a name that no server includes.
temporary() { printf %s "${1%/*}/.${1##*/}.berth-new"; }

# plan_files: compares the staged set with what is there; saves what will go.
plan_files() {
  local entry mode path place number=0 folder
  files=() new_folders=()
  [[ -d $job_folder/switch ]] || return 0
  rm -rf -- "$job_folder/old" && mkdir -m 0700 -- "$job_folder/old" || return
  while read -r mode path; do
    check_place "$path"
    place=$prefix/$path
    if [[ -e $place ]]; then
      is_staged "$mode" "$path" && continue
      cp -p --no-dereference -- "$place" "$job_folder/old/$number" || return
      files+=("$mode $number $path")
    else
      files+=("$mode - $path")
      plan_folders "${path%/*}"
    fi
    ((number += 1))
  done <"$job_folder/switch/files"
  mapfile -t entry < <(find "$job_folder/old")
  sync -- "${entry[@]}" "$job_folder"
}

# plan_folders FOLDER: those that are missing, the outermost first.
plan_folders() {
  [[ $1 && ! -e $prefix/$1 ]] || return 0
  [[ $1 != */* ]] || plan_folders "${1%/*}"
  local folder
  for folder in "${new_folders[@]}"; do [[ $folder != "$1" ]] || return 0; done
  new_folders+=("$1")
}

# is_staged MODE PATH: what is there is what was staged.
is_staged() {
  [[ $(stat -c '0%a %u %g' -- "$prefix/$2") == "$1 0 $file_gid" ]] &&
    cmp -s -- "$job_folder/switch/tree/$2" "$prefix/$2"
}

# put_in_place new|old: copies beside, syncs them all, renames each, syncs the
# folders. "old" removes what was not there before.
put_in_place() {
  local entry mode old path source place
  local -a sources=() folders=()
  for entry in "${files[@]}"; do
    read -r mode old path <<<"$entry"
    place=$prefix/$path
    [[ -d ${place%/*} ]] || continue
    folders+=("${place%/*}")
    if [[ $1 == new ]]; then
      source=$job_folder/switch/tree/$path
    elif [[ $old == - ]]; then
      rm -f -- "$(temporary "$place")" "$place" || return
      continue
    else
      source=$job_folder/old/$old
    fi
    cp -p --no-dereference --remove-destination -- "$source" \
      "$(temporary "$place")" || return
    sources+=("$place")
  done
  for place in "${sources[@]}"; do
    sync -- "$(temporary "$place")" || return
  done
  for place in "${sources[@]}"; do
    mv -fT -- "$(temporary "$place")" "$place" || return
  done
  ((${#folders[@]} == 0)) || sync -- "${folders[@]}"
}

make_new_folders() {
  local folder place
  for folder in "${new_folders[@]}"; do
    [[ -d $prefix/$folder ]] || mkdir -m 0755 -- "$prefix/$folder" || return
    place=$prefix/$folder
    sync -- "${place%/*}" || return
  done
}

# remove_new_folders: unless somebody has put something there since.
remove_new_folders() {
  local i
  for ((i = ${#new_folders[@]} - 1; i >= 0; i--)); do
    rmdir -- "$prefix/${new_folders[i]}" 2>/dev/null
  done
  return 0
}

# point_current SLOT: "" removes it.
point_current() {
  read_current
  [[ $current != "$1" ]] || return 0
  if [[ $1 ]]; then
    rm -f -- "$root/.current.new" && ln -s -- "$1" "$root/.current.new" &&
      mv -fT -- "$root/.current.new" "$root/current" || return
  else
    rm -f -- "$root/current" || return
  fi
  sync -- "$root"
}

roll_back() {
  if [[ $slot ]]; then
    rm -f -- "$root/.current.new" && point_current "$previous" || return
  fi
  put_in_place old && remove_new_folders || return
  rm -f -- "$job_folder/manifest.json" && sync -- "$job_folder"
}

# roll_forward: but for the configtest.
roll_forward() {
  make_new_folders && put_in_place new || return
  [[ ! $slot ]] || point_current "$slot" || return
  write_manifest switched
}

# run_configtest: true without one.
run_configtest() {
  ((${#configtest[@]} == 0)) || as_root_command "${configtest[@]}"
}

# give_up MESSAGE [OBJECT]: puts everything back, and says why.
give_up() {
  trap '' USR1 USR2 TERM HUP INT
  roll_back || unsettled "$1; and putting back failed" "$job"
  fail "$@"
}

verb_switch() {
  local slot=${argument[slot]} previous phase='' lines text='' entry
  local -a files new_folders
  [[ $slot != null ]] || slot=
  ensure_root
  nothing_pending
  read_current
  previous=$current
  [[ ! $slot ]] || is_whole "$slot" ||
    refuse "slot $slot is not whole: check out first"
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  begin_cancellable
  plan_files || fail "cannot save the old files in $job_folder"
  fail_if_cancelled
  write_manifest begun || give_up "cannot write $job_folder/manifest.json"
  make_new_folders && put_in_place new ||
    give_up 'cannot put the files in place'
  [[ ! $cancelled ]] || give_up "$cancelled" '{"cancelled":true}'
  if ! run_configtest || [[ $cancelled ]]; then
    [[ ! $cancelled ]] || give_up "$cancelled" '{"cancelled":true}'
    lines=$(last_lines)
    give_up "${configtest[0]}: exit status $child_status" "{\"lines\":$lines}"
  fi
  end_cancellable
  [[ ! $cancelled ]] || give_up "$cancelled" '{"cancelled":true}'
  [[ ! $slot ]] || point_current "$slot" || give_up 'cannot move current'
  write_manifest switched || give_up "cannot write $job_folder/manifest.json"
  or_null slot "$slot"
  or_null previous "$previous"
  for entry in "${files[@]##* }"; do
    as_json entry "$entry"
    text+=${text:+,}$entry
  done
  done_with "{\"slot\":$slot,\"previous\":$previous,\"changed\":[$text]}"
}

# report_settle: what settle "report" answers.
report_settle() {
  local pending=false switched=false
  read_current
  if [[ -e $state/${argument[job]}/manifest.json ]]; then
    pending=true
    read_manifest "${argument[job]}"
    [[ $phase == switched || ($slot && $slot != "$previous" && \
      $current == "$slot") ]] && switched=true
  fi
  answer_settle "\"pending\":$pending,\"switched\":$switched"
}

# answer_settle MEMBERS
answer_settle() {
  read_current
  or_null current "$current"
  done_with "{\"job\":${argument[job]},$1,\"current\":$current}"
}

verb_settle() {
  local slot previous phase committed=0 target=${argument[job]}
  local -a files new_folders
  trap '' USR1 USR2 TERM HUP INT
  ((target <= job)) || refuse "job $target is newer than job $job"
  [[ ${argument[commit]} != report ]] || report_settle
  [[ ! -e $state/committed ]] || read -r committed <"$state/committed"
  if [[ ! -e $state/$target/manifest.json ]]; then
    [[ ${argument[commit]} == false || $committed == "$target" ]] ||
      fail "nothing of job $target is pending, and it was not committed"
  elif [[ ${argument[commit]} == false ]]; then
    read_manifest "$target"
    roll_back || unsettled "cannot put back what job $target changed" "$target"
  else
    read_manifest "$target"
    [[ $phase == switched ]] || roll_forward ||
      unsettled "cannot finish the switch of job $target" "$target"
    begin_cancellable
    run_configtest || log "${configtest[0]}: exit status $child_status"
    end_cancellable
    write_durably "$state/committed" "$target" &&
      rm -f -- "$job_folder/manifest.json" && sync -- "$job_folder" ||
      unsettled "cannot write to $state" "$target"
  fi
  rm -rf -- "${state:?}/$target"
  answer_settle '"pending":false'
}
