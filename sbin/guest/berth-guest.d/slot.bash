# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The folders and files on the guest: slots, their markers, the state folder;
# and the verb status. ROOT and ROOT/.berth belong to root, so the deploy user
# can neither forge a marker nor replace a slot by a link.

# write_durably FILE TEXT: complete or not at all, also after a power failure.
write_durably() {
  printf '%s\n' "$2" >"$1.new" && sync -- "$1.new" &&
    mv -T -- "$1.new" "$1" && sync -- "${1%/*}"
}

# ensure_state: creates the folder of this application's state, root's, 0700.
ensure_state() {
  job_folder=$state/$job
  if [[ ! -d $state ]]; then
    mkdir -p -- "${state%/*/*}" && (umask 077 && mkdir -p -- "$state") ||
      fail "cannot make $state"
  fi
  mine_from_top "$state" ||
    fail "$blame must be a folder that belongs to root only"
}

# last_job: the highest job number so far, 0 for none.
last_job() {
  local number=0
  [[ -e $state/last ]] && read -r number <"$state/last"
  [[ $number =~ ^[0-9]{1,15}$ ]] || fail "$state/last is damaged: remove it"
  printf %s "$number"
}

# make_folder OWNER GROUP FOLDER: in a folder that belongs to root only.
make_folder() {
  [[ -d $3 && ! -L $3 ]] || install -d -m 0755 -o "$1" -g "$2" -- "$3" ||
    fail "cannot make $3"
}

# ensure_root: creates ROOT with everything but the slots.
ensure_root() {
  if [[ ! -e $root ]]; then
    mine_from_top "${root%/*}" ||
      fail "$blame must be a folder that belongs to root only"
    make_folder 0 0 "$root"
  fi
  mine_from_top "$root" ||
    fail "$blame must be a folder that belongs to root only"
  make_folder 0 0 "$root/.berth"
  make_folder 0 0 "$root/.berth/svn"
  make_folder "$uid" "$gid" "$root/.berth/patches"
  make_folder "$uid" "$gid" "$root/shared"
  [[ $kind == svn ]] || make_folder "$uid" "$gid" "$root/.berth/repo.git"
  # Without a global file git would read the deploy user's, and refuse file://
  # repositories of other users.
  printf '[safe]\n\tdirectory = *\n' >"$root/.berth/gitconfig.new" &&
    mv -T -- "$root/.berth/gitconfig.new" "$root/.berth/gitconfig"
  mine_alone directory "$root/.berth" ||
    fail "$blame must be a folder that belongs to root only"
}

# read_current: sets $current to a, b or empty.
read_current() {
  current=
  [[ -e $root/current || -L $root/current ]] || return 0
  current=$(readlink -- "$root/current")
  [[ $current == [ab] ]] ||
    fail "$root/current is not a link to a or b: remove or repair it"
}

idle_slot() { if [[ $current == a ]]; then echo b; else echo a; fi; }

marker_of() { printf %s "$root/.berth/$1.json"; }

# is_whole SLOT: it has a marker and is a folder.
is_whole() {
  [[ -f $(marker_of "$1") && -d $root/$1 && ! -L $root/$1 ]]
}

# pending_job: the job whose switch is neither settled nor discarded, if any. At
# most one, because switch refuses a second.
pending_job() {
  local manifest
  for manifest in "$state"/*/manifest.json; do
    [[ -e $manifest ]] || continue
    manifest=${manifest%/*}
    printf %s "${manifest##*/}"
    return
  done
}

# nothing_pending: otherwise 21, with the job for settle.
nothing_pending() {
  local pending
  pending=$(pending_job)
  [[ ! $pending ]] || unsettled "the switch of job $pending is not settled" \
    "$pending"
}

# read_marker SLOT: sets $marker to the marker's object, null without one: as
# write_marker wrote it, otherwise through jq.
read_marker() {
  local file plain
  marker=null
  is_whole "$1" || return 0
  file=$(marker_of "$1")
  plain="\\{\"application\":\"$kPlain\",\"path\":\"$kPlain\",\"revision\":\
\"$kPlain\",\"job\":[1-9][0-9]*,\"files\":(0|[1-9][0-9]*),\"at\":\"$kPlain\"\\}"
  marker=$(<"$file")
  [[ $marker =~ ^$plain$ ]] ||
    marker=$(jq -ec 'if type == "object" then . else empty end' -- "$file") ||
    fail "cannot read $file: remove it"
}

verb_status() {
  local free folder=$root slot pending last marker
  local previous phase text kept committed undo
  local -a files new_folders gone
  local -A markers
  local converges=false
  ((${#converge[@]} == 0)) || converges=true
  while [[ ! -d $folder ]]; do folder=${folder%/*}; folder=${folder:-/}; done
  free=$(df -B1 --output=avail -- "$folder" | tail -n 1)
  read_current
  for slot in a b; do
    read_marker "$slot"
    markers[$slot]=$marker
  done
  last=$(last_job) || reply 20 "$last"
  pending=$(pending_job)
  if [[ $pending ]]; then
    read_manifest "$pending"
    or_null slot "$slot"
    pending="{\"job\":$pending,\"slot\":$slot,\"phase\":\"$phase\"}"
  fi
  describe_kept
  ((last)) || last=null
  or_null current "$current"
  free=${free//[!0-9]/}
  [[ $free ]] || fail "cannot determine the free space in $folder"
  printf -v text '"version":%d,"protocol":%d,"free_bytes":%s,"current":%s' \
    "$VERSION" "$PROTOCOL" "$free" "$current"
  done_with "{$text,\"slots\":{\"a\":${markers[a]},\"b\":${markers[b]}},\
\"last_job\":$last,\"converge\":$converges,\"undo\":$undo,\
\"pending\":${pending:-null}}"
}
