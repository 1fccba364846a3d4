# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verbs stage and discard. A staged set is JOB/SET/files ("MODE PATH" a
# line) and JOB/SET/tree/PATH, all root's and unreadable for others; it is
# complete or does not exist, because its folder gets its name last.
#
# No name in the tar is ever used as a file name: each wanted member is
# requested by name, must be listed as exactly one regular file, and its content
# is written by us. tar itself runs as berth-filter.

kFileLimit=16777216

# check_place PATH: whether root may write there. Called when staging, so that
# nothing is prepared in vain, and again by switch.
check_place() {
  local place=$prefix/$1 entry parent folders=()
  for entry in "${allowed[@]}"; do
    [[ $1 == "$entry" || ($entry == */ && $1 == "$entry"*) ]] && break
    entry=
  done
  [[ $entry ]] || refuse "$1 is not in \"files\" of this guest's file"
  [[ $place != "$state"* && $place != "$root/.berth"* && \
    $place != "$CONFIG" ]] || refuse "$1 is reserved for Berth"
  parent=${place%/*}
  while [[ $parent != "${prefix:-}" && $parent ]]; do
    [[ -e $parent || -L $parent ]] && folders+=("$parent")
    parent=${parent%/*}
  done
  folders+=("${prefix:-/}")
  mine_alone directory "${folders[@]}" ||
    refuse "$1: $blame must be a folder that belongs to root only"
  [[ ! -L $place && (! -e $place || -f $place) ]] ||
    refuse "$1 exists and is not a regular file"
}

# take_member TAR PATH FILE: writes the member's content to FILE; adds its size
# to $total.
take_member() {
  local listing size
  mapfile -t listing < <(as_filter tar --no-wildcards --occurrence=1 \
    --quoting-style=escape -tvf - -- "$2" <"$1" 2>/dev/null | head -n 2)
  ((${#listing[@]} == 1)) && [[ ${listing[0]} == -* ]] ||
    refuse "$2 is not one regular file in the tar"
  as_filter tar --no-wildcards --occurrence=1 -xOf - -- "$2" <"$1" 2>/dev/null |
    head -c $((kFileLimit + 1)) >"$3" || refuse "$2: the tar is damaged"
  size=$(stat -c %s -- "$3") || fail "cannot write $3"
  ((size <= kFileLimit)) || refuse "$2 is too large"
  (((total += size) <= kFileLimit)) || refuse 'the files are too large'
}

verb_stage() {
  local set=${argument[set]-switch} entry path mode place new total=0
  local -a folders=() places=()
  local -A of_mode=()
  nothing_pending
  # --check saw only the accounts that existed then.
  is_apart "$application" || fail "$blame"
  for entry in "${staged_files[@]}"; do check_place "${entry#* }"; done
  new=$job_folder/$set.new
  umask 077
  mkdir -p -- "$job_folder" && rm -rf -- "$new" && mkdir -p -- "$new/tree" ||
    fail "cannot make $new"
  timeout 600 head -c "${argument[tar_bytes]}" >"$new/tar"
  (($(stat -c %s -- "$new/tar") == argument[tar_bytes])) ||
    refuse 'the tar ended early'
  for entry in "${staged_files[@]}"; do
    mode=${entry%% *} path=${entry#* }
    place=$new/tree/$path
    [[ -d ${place%/*} ]] || mkdir -p -- "${place%/*}" ||
      fail "cannot make ${place%/*}"
    take_member "$new/tar" "$path" "$place"
    places+=("$place")
    of_mode[$mode]+=$place$'\n'
  done
  chown "0:$file_gid" -- "${places[@]}" || fail "cannot own the files in $new"
  for mode in "${!of_mode[@]}"; do
    mapfile -t places <<<"${of_mode[$mode]%$'\n'}"
    chmod "$mode" -- "${places[@]}" || fail "cannot own the files in $new"
  done
  printf '%s\n' "${staged_files[@]}" >"$new/files"
  rm -f -- "$new/tar"
  mapfile -t folders < <(find "$new" -type d)
  sync -- "$new/files" "${staged_files[@]/#* /"$new/tree/"}" "${folders[@]}" &&
    rm -rf -- "${job_folder:?}/$set" && mv -T -- "$new" "$job_folder/$set" &&
    sync -- "$job_folder" "$state" || fail "cannot keep the files in $state"
  done_with "{\"files\":${#staged_files[@]}}"
}

# forget_jobs: removes the folders of this job and earlier ones. The manifest is
# removed first: from then on nothing is pending.
forget_jobs() {
  local folder
  rm -f -- "$state"/*/manifest.json && sync -- "$state"/*/ || return
  for folder in "$state"/*/; do
    folder=${folder%/} folder=${folder##*/}
    [[ $folder =~ ^[0-9]+$ ]] && ((folder <= job)) || continue
    rm -rf -- "${state:?}/$folder" || return
  done
  sync -- "$state"
}

verb_discard() {
  local pending slot previous phase kept committed
  local -a files new_folders gone
  pending=$(pending_job)
  if [[ $pending ]]; then
    [[ $pending == "$job" ]] || nothing_pending
    read_manifest "$job"
    [[ $phase == switched ]] || nothing_pending
    commit_switch "$job" || fail "cannot write to $state"
  fi
  note_built
  mkdir -p -- "$job_folder" && forget_jobs || fail "cannot tidy $state"
  sweep_kept
  done_with
}
