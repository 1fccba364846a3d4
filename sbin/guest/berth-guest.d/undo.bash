# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verb undo, and its data: the last committed switch, with its manifest and
# the files that it replaced. Committing is one rename,
#
#   STATE/JOB  ->  STATE/undo/JOB
#
# so at any instant a switch is either pending or the last one, which is the
# highest number in STATE/undo. Earlier ones are removed afterwards.
#
# An undo is a switch like any other: its staged set is made of those files, and
# files that the switch had added are removed. It is pending, settled and
# committed in the same way, and is then the last switch and can itself be
# undone.

kJob='[1-9][0-9]{0,14}'

# find_committed: sets $committed to the last committed job, 0 for none; $kept
# to the same while its files are kept, otherwise 0. (The file "committed" is
# from an older berth-guest, which kept no files.)
find_committed() {
  local folder
  kept=0 committed=0
  for folder in "$state"/undo/*/; do
    folder=${folder%/} folder=${folder##*/}
    [[ $folder =~ ^$kJob$ ]] && ((folder > kept)) && kept=$folder
  done
  [[ ! -e $state/committed ]] || read -r committed <"$state/committed"
  [[ $committed =~ ^$kJob$ ]] || committed=0
  if ((kept >= committed)); then committed=$kept; else kept=0; fi
}

# commit_switch JOB: from then on it is no longer pending.
commit_switch() {
  [[ -d $state/undo ]] || mkdir -m 0700 -- "$state/undo" || return
  # Of an earlier switch by the same job.
  [[ ! -e $state/undo/$1 ]] || rm -rf -- "${state:?}/undo/$1" || return
  mv -T -- "$state/$1" "$state/undo/$1" && sync_kept
}

# sync_kept: makes the rename durable, also after a kill.
sync_kept() {
  [[ ! -d $state/undo ]] || sync -- "$state/undo" "$state"
}

# sweep_kept: removes everything that no undo needs; what cannot be removed now
# is removed the next time.
sweep_kept() {
  local entry
  local -a old=()
  find_committed
  for entry in "$state"/undo/*/; do
    [[ ! -d $entry || $entry == "$state/undo/$kept/" ]] || old+=("$entry")
  done
  for entry in "$state/undo/$kept"/*; do
    case ${entry##*/} in
      old | manifest.json | placed) ;;
      *) [[ ! -e $entry ]] || old+=("$entry") ;;
    esac
  done
  ((${#old[@]} == 0)) || rm -rf -- "${old[@]}"
}

# read_kept: as read_manifest, for the last committed switch; false if nothing
# is kept that could be undone.
read_kept() {
  local job_folder=$state/undo/$kept
  ((kept)) && [[ -f $job_folder/manifest.json ]] || return
  read_own_manifest || read_any_manifest
  [[ $phase == switched && (! $slot || $previous) ]]
}

# is_untouched SLOT: whole, with the marker that it had before the switch.
is_untouched() {
  is_whole "$1" &&
    cmp -s -- "$(marker_of "$1")" "$state/undo/$kept/old/slot.json"
}

# describe_kept: sets $undo to the member of status.
describe_kept() {
  local slot previous phase back=null whole=false
  local -a files new_folders gone
  undo=null
  find_committed
  read_kept || return 0
  if [[ $slot ]]; then
    or_null back "$previous"
    is_untouched "$previous" && whole=true
  else
    whole=true
  fi
  undo="{\"job\":$kept,\"slot\":$back,\"whole\":$whole}"
}

# mode_of FILE: four digits.
mode_of() {
  local mode
  mode=$(stat -c %a -- "$1") && printf '0%03o' $((8#$mode & 8#777))
}

same_file() {
  [[ $(stat -c '%a %u %g' -- "$1") == "$(stat -c '%a %u %g' -- "$2")" ]] &&
    cmp -s -- "$1" "$2"
}

# plan_undo: makes our own manifest from the kept one. Makes the staged set, and
# saves the files that will be replaced.
plan_undo() {
  local entry mode old path place saved number=0 tree=$job_folder/switch/tree
  local -a was=("${files[@]}") made=("${new_folders[@]}")
  files=() new_folders=() gone=()
  begin_saving && rm -rf -- "$job_folder/switch" &&
    mkdir -p -- "$tree" || return
  for entry in "${was[@]}"; do
    read -r mode old path <<<"$entry"
    check_place "$path"
    place=$prefix/$path mode=-
    if [[ $old != - ]]; then
      saved=$state/undo/$kept/old/$old
      [[ -e $place ]] && same_file "$saved" "$place" && continue
      mode=$(mode_of "$saved") && mkdir -p -- "$(dirname -- "$tree/$path")" &&
        cp -p --no-dereference -- "$saved" "$tree/$path" || return
    fi
    if [[ -e $place ]]; then
      save_file "$number" "$place" || return
      files+=("$mode $number $path")
      ((number += 1))
    elif [[ $mode != - ]]; then
      files+=("$mode - $path")
      plan_folders "${path%/*}"
    fi
  done
  for path in "${made[@]}"; do
    [[ ! -d $prefix/$path || -L $prefix/$path ]] || gone+=("$path")
  done
  # The files in place are then again those from before that switch.
  [[ ! -f $state/undo/$kept/placed ]] ||
    cp -- "$state/undo/$kept/placed" "$job_folder/old/placed" || return
  [[ ! -f $state/undo/$kept/old/placed ]] ||
    cp -- "$state/undo/$kept/old/placed" "$job_folder/placed" || return
  sync_tree && sync_saved
}

sync_tree() {
  local -a tree
  mapfile -t tree < <(find "$job_folder/switch")
  sync -- "${tree[@]}"
}

# check_undo: checks the request; then slot and previous are the undo's.
check_undo() {
  local back='' marker path revision
  ((kept == argument[job])) ||
    refuse "the last switch of $application was that of job $kept"
  [[ ! $slot ]] || back=$previous
  [[ ${argument[slot]} == "${back:-null}" ]] ||
    refuse "job $kept did not leave slot ${back:-null}"
  read_current
  if [[ $slot ]]; then
    [[ $current == "$slot" ]] ||
      refuse "current was changed since job $kept: it is not slot $slot"
    [[ ${argument[path]-} && ${argument[revision]-} ]] ||
      refuse 'path or revision is missing'
    as_json path "${argument[path]}" &&
      as_json revision "${argument[revision]}" || fail 'cannot read the request'
    read_marker "$back"
    [[ $marker == *"\"path\":$path,\"revision\":$revision,"* ]] ||
      refuse "slot $back does not contain ${argument[path]} at revision \
${argument[revision]}"
    is_untouched "$back" ||
      refuse "slot $back was checked out again since job $kept"
  fi
  slot=$back previous=$current
}

verb_undo() {
  local slot previous phase kept committed
  local -a files new_folders gone
  ensure_root
  nothing_pending
  find_committed
  read_kept || refuse "the last switch of $application can no longer be undone"
  check_undo
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  begin_cancellable
  plan_undo || fail "cannot save the files in $job_folder"
  carry_out
}
