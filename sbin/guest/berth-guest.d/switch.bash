# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verbs switch and settle. After a kill or a power failure at any instant,
# the files on disk suffice to restore byte-equal old files, or to go forward:
#
#   staged set  ->  old/N saved  ->  manifest.json "begun"  ->  files renamed
#   into place  ->  configtest  ->  current moved  ->  manifest "switched"
#
# Each step is fsynced before the next begins. The manifest makes a switch
# pending: removing it settles the switch as rolled back, and renaming its
# folder settles it as committed (undo.bash). For each file that changes it has
# the path, the mode or null (the file is removed), and the number of the saved
# copy or null (there was no file); and the folders that are created or removed.
# Both directions are idempotent: they depend only on the manifest, not on how
# far an earlier attempt got.

# temporary PLACE: a name in the same folder that no server includes.
temporary() { printf %s "${1%/*}/.${1##*/}.berth-new"; }

# begin_saving: removes `placed`, and empties $job_folder/old except for the
# marker of the previous slot, by which an undo knows that nobody has written to
# it since.
begin_saving() {
  rm -rf -- "$job_folder/old" "$job_folder/placed" &&
    mkdir -m 0700 -- "$job_folder/old" || return
  [[ ! $slot || ! $previous ]] || ! is_whole "$previous" ||
    cp -p -- "$(marker_of "$previous")" "$job_folder/old/slot.json"
}

# save_file NUMBER PLACE
save_file() {
  cp -p --no-dereference -- "$2" "$job_folder/old/$1"
}

# plan_files: compares the staged set with the current files; saves those that
# will be replaced.
plan_files() {
  local mode path place number=0
  files=() new_folders=() gone=()
  begin_saving || return
  if [[ -d $job_folder/switch ]]; then
    while read -r mode path; do
      check_place "$path"
      place=$prefix/$path
      if [[ -e $place ]]; then
        is_staged "$mode" "$path" && continue
        save_file "$number" "$place" || return
        files+=("$mode $number $path")
      else
        files+=("$mode - $path")
        plan_folders "${path%/*}"
      fi
      ((number += 1))
    done <"$job_folder/switch/files"
  fi
  note_placed && sync_saved
}

# note_placed: the files that this switch will have put in place, in
# $job_folder/placed, a line "MODE SHA256 PATH" each (check.bash). A switch
# without files keeps the previous list; old/placed is for an undo.
note_placed() {
  local mode path sum kept committed
  local -a paths=() modes=()
  find_committed
  [[ ! -f $state/undo/$kept/placed ]] ||
    cp -- "$state/undo/$kept/placed" "$job_folder/old/placed" || return
  if [[ ! -d $job_folder/switch ]]; then
    [[ ! -f $job_folder/old/placed ]] ||
      cp -- "$job_folder/old/placed" "$job_folder/placed"
    return
  fi
  while read -r mode path; do
    modes+=("$mode") paths+=("$path")
  done <"$job_folder/switch/files"
  (cd -- "$job_folder/switch/tree" && sha256sum -- "${paths[@]}") |
    for mode in "${modes[@]}"; do
      read -r sum path && printf '%s %s %s\n' "$mode" "$sum" "$path" || exit
    done >"$job_folder/placed"
}

sync_saved() {
  local -a saved
  mapfile -t saved < <(find "$job_folder/old")
  [[ ! -f $job_folder/placed ]] || saved+=("$job_folder/placed")
  sync -- "${saved[@]}" "$job_folder" "$state"
}

# plan_folders FOLDER: the missing ones, the outermost first.
plan_folders() {
  [[ $1 && ! -e $prefix/$1 ]] || return 0
  [[ $1 != */* ]] || plan_folders "${1%/*}"
  local folder
  for folder in "${new_folders[@]}"; do [[ $folder != "$1" ]] || return 0; done
  new_folders+=("$1")
}

# is_staged MODE PATH: the current file equals the staged one.
is_staged() {
  [[ $(stat -c '0%a %u %g' -- "$prefix/$2") == "$1 0 $file_gid" ]] &&
    cmp -s -- "$job_folder/switch/tree/$2" "$prefix/$2"
}

# put_in_place new|old: copies to temporary names, syncs all, renames each,
# syncs the folders. A file that this side does not have is removed.
put_in_place() {
  local entry mode old path wanted source place
  local -a sources=() folders=()
  for entry in "${files[@]}"; do
    read -r mode old path <<<"$entry"
    place=$prefix/$path
    if [[ $1 == new ]]; then
      wanted=$mode source=$job_folder/switch/tree/$path
    else
      wanted=$old source=$job_folder/old/$old
    fi
    [[ $wanted != - || -d ${place%/*} ]] || continue
    folders+=("${place%/*}")
    if [[ $wanted == - ]]; then
      rm -f -- "$(temporary "$place")" "$place" || return
      continue
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

# make_folders FOLDER...: the outermost first.
make_folders() {
  local folder place
  for folder in "$@"; do
    [[ -d $prefix/$folder ]] || mkdir -m 0755 -- "$prefix/$folder" || return
    place=$prefix/$folder
    sync -- "${place%/*}" || return
  done
}

# remove_folders FOLDER...: the innermost first; one that is not empty remains.
remove_folders() {
  local place
  while (($#)); do
    place=$prefix/${!#}
    [[ ! -d $place || ! $(find "$place" -maxdepth 0 -empty) ]] ||
      rmdir -- "$place" || return
    set -- "${@:1:$#-1}"
  done
}

# point_current SLOT: an empty SLOT removes the link.
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
  make_folders "${gone[@]}" && put_in_place old &&
    remove_folders "${new_folders[@]}" || return
  rm -f -- "$job_folder/manifest.json" && sync -- "$job_folder"
}

# move_files: everything of the new side except `current`.
move_files() {
  make_folders "${new_folders[@]}" && put_in_place new || return
  remove_folders "${gone[@]}"
}

# roll_forward: everything except the configtest.
roll_forward() {
  move_files || return
  [[ ! $slot ]] || point_current "$slot" || return
  write_manifest switched
}

# run_configtest: succeeds if there is none.
run_configtest() {
  ((${#configtest[@]} == 0)) || as_root_command "${configtest[@]}"
}

# give_up MESSAGE [OBJECT]: restores everything, and fails with the message.
give_up() {
  trap '' USR1 USR2 TERM HUP INT
  roll_back || unsettled "$1; and the rollback failed" "$job"
  fail "$@"
}

verb_switch() {
  local slot=${argument[slot]} previous phase=''
  local -a files new_folders gone
  [[ $slot != null ]] || slot=
  ensure_root
  nothing_pending
  read_current
  previous=$current
  [[ ! $slot ]] || is_whole "$slot" ||
    refuse "slot $slot is incomplete; check out first"
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  begin_cancellable
  plan_files || fail "cannot save the old files in $job_folder"
  carry_out
}

# carry_out: what was planned and saved, to a pending switch or a rollback. The
# end of the verbs switch and undo.
carry_out() {
  local entry lines text=''
  fail_if_cancelled
  write_manifest begun || give_up "cannot write $job_folder/manifest.json"
  move_files || give_up 'cannot put the files in place'
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

# report_settle: the reply to settle "report".
report_settle() {
  local pending=false switched=false
  read_current
  if [[ -e $state/${argument[job]}/manifest.json ]]; then
    pending=true
    read_manifest "${argument[job]}"
    [[ $phase == switched || ($slot && $slot != "$previous" && \
      $current == "$slot") ]] && switched=true
  fi
  ((committed)) || committed=null
  answer_settle "\"pending\":$pending,\"switched\":$switched,\
\"committed\":$committed"
}

# answer_settle MEMBERS
answer_settle() {
  read_current
  or_null current "$current"
  done_with "{\"job\":${argument[job]},$1,\"current\":$current}"
}

verb_settle() {
  local slot previous phase kept committed target=${argument[job]}
  local -a files new_folders gone
  trap '' USR1 USR2 TERM HUP INT
  ((target <= job)) || refuse "job $target is newer than job $job"
  find_committed
  [[ ${argument[commit]} != report ]] || report_settle
  if [[ ! -e $state/$target/manifest.json ]]; then
    [[ ${argument[commit]} == false || $committed == "$target" ]] ||
      fail "job $target is neither pending nor committed"
    sync_kept || unsettled "cannot write to $state" "$target"
  elif [[ ${argument[commit]} == false ]]; then
    read_manifest "$target"
    roll_back ||
      unsettled "cannot roll back the switch of job $target" "$target"
  else
    read_manifest "$target"
    [[ $phase == switched ]] || roll_forward ||
      unsettled "cannot finish the switch of job $target" "$target"
    begin_cancellable
    run_configtest || log "${configtest[0]}: exit status $child_status"
    end_cancellable
    commit_switch "$target" || unsettled "cannot write to $state" "$target"
  fi
  rm -rf -- "${state:?}/$target"
  sweep_kept
  answer_settle '"pending":false'
}
