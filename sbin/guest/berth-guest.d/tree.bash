# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The deploy user's part of a checkout, common to svn and git. Runs in a slot,
# entered by `berth-guest --deploy PART` with all it needs in the environment
# (checkout.bash, run_part). Anybody may call it: it has its caller's rights and
# no others.
#
# Exit: 0 whole and checked, with files=N and changed=N on descriptor 5;
# 3 nothing here that could be mended; 4 no fresh checkout would do better;
# else the working copy resists.

kPatchLimit=8388608
kPatchesKept=10

# deploy PART: update, fresh, or status (check.bash).
deploy() {
  umask 022
  mapfile -t shared < <(printf %s "$shared_names")
  open_nameless list 6
  open_nameless output 7
  # A link in the place of .svn or .git would lead the tool elsewhere.
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

# say TEXT: a line for the log. One that starts with "error: " is why this
# fails: the console puts it into its message, as it does with svn's and git's.
say() { printf '%s\n' "$1"; }

# found NAME VALUE: for the reply.
found() { printf '%s=%s\n' "$1" "$2" >&5; }

# copy_from: the first copy of the other slot. What was edited there is decided
# by that slot's times, because a copy has new ones.
copy_from() {
  say "copies the other slot"
  suspects "$from" >"$berth_list" || return
  cp -a --reflink=auto -- "$from/." . || return
}

# suspects FOLDER: files and links that changed after the slot was known to be
# clean; all of them when that is not known. NUL-separated, below FOLDER.
suspects() {
  local newer=()
  [[ $since ]] && newer=(-newerct "@$since")
  (cd -- "$1" && find . -path "./.$kind" -prune -o \
    \( -type f -o -type l \) "${newer[@]}" -print0)
}

# make_enterable: folders as a fresh checkout has them, and no pipes, sockets
# and devices, which svn would not remove.
make_enterable() {
  find . -path "./.$kind" -prune -o -type d ! -perm 0755 \
    -exec chmod 0755 {} \; -o ! -type d ! -type f ! -type l \
    -exec rm -f -- {} +
}

# find_suspects: the list into $berth_list, unless copy_from has made it; and
# a new mtime for each, so that no tool takes it for unchanged by its stat.
# Links go at once: one in the place of a folder would lead svn's cleaning into
# the other slot or the shared folders.
find_suspects() {
  [[ $from ]] || suspects . >"$berth_list" || return
  # shellcheck disable=SC2016
  xargs -0r bash -c 'for f; do [[ ! -L $f ]] || rm -f -- "$f" || exit; done' \
    bash <"$berth_list" || return
  xargs -0r touch -h -c -- <"$berth_list"
}

# drop_suspects: the tools bring them back, with content and mode.
drop_suspects() { xargs -0r rm -f -- <"$berth_list"; }

# open_nameless NAME FD: $berth_NAME is a scratch file that nobody else can
# open and that is gone with us.
open_nameless() {
  local file
  file=$(mktemp) || exit 1
  eval "exec $2<>\"\$file\""
  rm -f -- "$file"
  printf -v "berth_$1" %s "/proc/self/fd/$2"
}

# keep_patch: stdin into $patch, if it is not empty; the newest ten stay.
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

# drop_shared_links: what Berth put there. A real folder in the place of a link
# is somebody's data: it is put beside the shared one and not thrown away.
drop_shared_links() {
  local name aside
  for name in "${shared[@]}"; do
    if [[ -L $name ]]; then
      rm -f -- "$name"
    elif [[ -d $name ]] && ! "${kind}_knows" "$name"; then
      aside=$shared_folder/$name.before-$job
      mkdir -p -- "${aside%/*}" && mv -T -- "$name" "$aside" || exit 4
      say "$name was no link to the shared folder: kept as $aside"
    fi
  done
}

# add_shared_links: last, after the slot was found clean.
add_shared_links() {
  local name up
  for name in "${shared[@]}"; do
    if [[ -e $name || -L $name ]]; then
      say "error: $name is in the repository: it cannot be a shared folder too"
      exit 4
    fi
    up=${name//[^\/]/}
    up=..${up//\//\/..}
    mkdir -p -- "$shared_folder/$name" &&
      { [[ $name != */* ]] || mkdir -p -- "${name%/*}"; } &&
      ln -s -- "$up/shared/$name" "$name" || exit 4
  done
}
