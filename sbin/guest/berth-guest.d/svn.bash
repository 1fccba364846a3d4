# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# Checkouts from Subversion, as the deploy user (tree.bash). Every URL has its
# peg revision, so that a branch that was removed or recreated since is still
# the right one. Externals are not followed: they would add content that the
# marker does not name.

svn_run() {
  SVN_SSH='ssh -oBatchMode=yes' svn --non-interactive --no-auth-cache \
    --config-dir "$berth/svn" "$@"
}

svn_url() { printf '%s/%s@%s' "$repository" "$encoded" "$revision"; }

svn_knows() { svn_run info -- "$1@" >/dev/null 2>&1; }

# plain URL: with %xx decoded, because svn encodes URLs in its own way.
plain() {
  local text=${1//\\/\\\\}
  printf '%b' "${text//%/\\x}"
}

svn_save_edits() { svn_run diff --internal-diff 2>/dev/null | keep_patch; }

# svn_say_unversioned: names what will be removed.
svn_say_unversioned() {
  svn_run status --ignore-externals 2>/dev/null |
    sed -n 's/^?      /removes the unversioned /p' | head -n 20
}

# svn_pristine_sound: svn restores files from this folder without checking them.
# A file's name is the SHA-1 of its contents. Files that are moved into a folder
# keep their times, so in a changed folder all files are checked.
svn_pristine_sound() {
  local newer=() sums
  [[ ! $since ]] ||
    [[ $(find "${from:-.}/.svn/pristine" -type d -newerct "@$since" \
      -print -quit) ]] || newer=(-newerct "@$since")
  sums=$(cd -- "${from:-.}/.svn/pristine" &&
    find . ! -type d "${newer[@]}" -printf '%f %p\n') || return
  [[ ! $sums ]] || (cd -- .svn/pristine &&
    sha1sum --check --status --strict <<<"${sums//.svn-base /  }" 2>/dev/null)
}

svn_update() {
  local url
  url=$(svn_run info --show-item url -- . 2>/dev/null) || return 3
  [[ $(plain "$url")/ == "$(plain "$repository")"/* ]] || return 3
  svn_pristine_sound || return 3
  svn_run cleanup -- . &&
    find_suspects &&
    svn_save_edits &&
    svn_say_unversioned &&
    drop_suspects &&
    svn_run revert -q -R -- . &&
    svn_run cleanup --remove-unversioned --remove-ignored -- . >/dev/null ||
    return 1
  svn_counted switch --ignore-ancestry && svn_verify
}

svn_fresh() { svn_counted checkout && svn_verify; }

# svn_counted COMMAND...: passes on the lines per file, for the progress, and
# counts them.
svn_counted() {
  svn_run "$@" --ignore-externals -r "$revision" -- "$(svn_url)" . |
    tee "$berth_output" || return
  found changed "$(grep -c '^[ADUCGER ][ADUCGER ][B ][C ] [^ ]' \
    "$berth_output")"
}

# svn_verify: the right URL, one revision, nothing modified, sparse, switched or
# left over.
svn_verify() {
  local url left
  url=$(svn_run info --show-item url -- .) || return
  [[ $(plain "$url") == "$(plain "$repository")/$path" ]] || {
    say "error: the working copy is of $url"
    return 1
  }
  [[ $(svnversion -n .) == "$revision" ]] || {
    say "error: the working copy is at $(svnversion -n .), not at $revision"
    return 1
  }
  left=$(svn_run status --no-ignore --ignore-externals) || return
  [[ ! $left ]] || {
    say "error: not clean after the checkout:"
    head -n 20 <<<"$left"
    return 1
  }
  [[ ! $(svn_run propget -R svn:externals -- . 2>/dev/null) ]] ||
    say "the tree has externals, which are left out"
  found files "$(count_files)"
}
