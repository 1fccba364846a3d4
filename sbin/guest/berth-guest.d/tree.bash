# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The deploy user's part of a checkout, common to svn and git. It runs in a
# slot, as `berth-guest --deploy PART` with all its input in the environment
# (checkout.bash, run_part). Anybody may run it: it has its caller's rights
# only.
#
# Exit status: 0 complete and checked, with files=N and changed=N on descriptor
# 5; 3 nothing here can be repaired; 4 a fresh checkout would not help;
# otherwise the working copy cannot be updated.

kPatchLimit=8388608
kPatchesKept=10

# deploy PART: update, fresh, or status (check.bash).
deploy() {
  umask 022
  mapfile -t shared < <(printf %s "$shared_names")
  open_nameless list 6
  open_nameless output 7
  # A link instead of .svn or .git would lead the tool elsewhere.
  case $1-$kind in
    update-svn | update-git)
      [[ $from ]] && { copy_from || exit 1; }
      [[ -d .$kind && ! -L .$kind ]] || exit 3
      make_enterable || exit 1
      drop_shared_links
      "${kind}_update" ;;
    fresh-svn | fresh-git) "${kind}_fresh" ;;
    status-svn | status-git)
      say_edits
      exit ;;
    *) exit 2 ;;
  esac || exit
  add_shared_links
  exit 0
}

# say TEXT: a log line. One that starts with "error: " is the reason of a
# failure: the console adds it to its message, as it does with svn's and git's.
say() { printf '%s\n' "$1"; }

# found NAME VALUE: a finding for the reply.
found() { printf '%s=%s\n' "$1" "$2" >&5; }

# copy_from: makes the first copy of the other slot. Edits are found by that
# slot's times, because the copy has new ones.
copy_from() {
  say "copying the other slot"
  suspects "$from" >"$berth_list" || return
  cp -a --reflink=auto -- "$from/." . || return
}

# suspects FOLDER: files and links that changed after the slot was known to be
# clean; all of them if that is not known. NUL-separated, relative to FOLDER.
suspects() {
  local newer=()
  [[ $since ]] && newer=(-newerct "@$since")
  (cd -- "$1" && find . -path "./.$kind" -prune -o \
    \( -type f -o -type l \) "${newer[@]}" -print0)
}

# make_enterable: folders as in a fresh checkout, and no pipes, sockets or
# devices, which svn would not remove.
make_enterable() {
  find . -path "./.$kind" -prune -o -type d ! -perm 0755 \
    -exec chmod 0755 {} \; -o ! -type d ! -type f ! -type l \
    -exec rm -f -- {} +
}

# find_suspects: writes the list to $berth_list, unless copy_from has done so,
# and sets a new mtime for each, so that no tool takes it for unchanged by its
# stat. Links are removed at once: a link instead of a folder would lead svn's
# cleanup into the other slot or the shared folders.
find_suspects() {
  [[ $from ]] || suspects . >"$berth_list" || return
  # shellcheck disable=SC2016
  xargs -0r bash -c 'for f; do [[ ! -L $f ]] || rm -f -- "$f" || exit; done' \
    bash <"$berth_list" || return
  xargs -0r touch -h -c -- <"$berth_list"
}

# drop_suspects: the tools restore them, with content and mode.
drop_suspects() { xargs -0r rm -f -- <"$berth_list"; }

# open_nameless NAME FD: $berth_NAME is a scratch file that nobody else can open
# and that vanishes when we exit.
open_nameless() {
  local file
  file=$(mktemp) || exit 1
  eval "exec $2<>\"\$file\""
  rm -f -- "$file"
  printf -v "berth_$1" %s "/proc/self/fd/$2"
}

# keep_patch: stdin into $patch, unless it is empty; keeps the newest ten.
keep_patch() {
  head -c "$kPatchLimit" >"$patch"
  cat >/dev/null
  if [[ ! -s $patch ]]; then
    rm -f -- "$patch"
    return
  fi
  say "saved local edits: $patch"
  find "${patch%/*}" -maxdepth 1 -name '*.patch' -printf '%T@ %p\0' |
    sort -zrn | tail -zn +$((kPatchesKept + 1)) | cut -zd ' ' -f 2- |
    xargs -0r rm -f --
}

count_files() {
  find . -path "./.$kind" -prune -o \( -type f -o -type l \) -printf x | wc -c
}

# drop_shared_links: removes the links that Berth made. A real folder instead of
# a link contains somebody's data: it is moved next to the shared one and kept.
drop_shared_links() {
  local name aside
  for name in "${shared[@]}"; do
    if [[ -L $name ]]; then
      rm -f -- "$name"
    elif [[ -d $name ]] && ! "${kind}_knows" "$name"; then
      aside=$shared_folder/$name.before-$job
      mkdir -p -- "${aside%/*}" && mv -T -- "$name" "$aside" || exit 4
      say "$name was not a link to the shared folder; kept as $aside"
    fi
  done
}

# add_shared_links: last, after the slot was found clean.
add_shared_links() {
  local name up
  for name in "${shared[@]}"; do
    if [[ -e $name || -L $name ]]; then
      say "error: $name is in the repository, so it cannot be a shared folder"
      exit 4
    fi
    up=${name//[^\/]/}
    up=..${up//\//\/..}
    mkdir -p -- "$shared_folder/$name" &&
      { [[ $name != */* ]] || mkdir -p -- "${name%/*}"; } &&
      ln -s -- "$up/shared/$name" "$name" || exit 4
  done
}
