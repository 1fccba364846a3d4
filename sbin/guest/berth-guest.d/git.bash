# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# Checkouts from git, as the deploy user (tree.bash): a mirror in
# ROOT/.berth/repo.git and, in each slot, a repository that borrows its objects,
# so that testers can use git there. Its configuration, hooks, attributes and
# excludes are written anew each time: what somebody left there must not change
# a checkout. Submodules and filters (LFS) are not followed.

git_run() {
  GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$berth/gitconfig \
    GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=/bin/true GIT_NO_REPLACE_OBJECTS=1 \
    GIT_SSH_COMMAND='ssh -oBatchMode=yes' GIT_ATTR_NOSYSTEM=1 \
    git -c core.hooksPath=/dev/null -c core.fsmonitor=false \
    -c core.attributesFile=/dev/null -c core.excludesFile=/dev/null \
    -c core.autocrlf=false -c gc.auto=0 -c submodule.recurse=false \
    -c protocol.allow=never -c protocol.https.allow=always \
    -c protocol.http.allow=always -c protocol.ssh.allow=always \
    -c protocol.git.allow=always -c protocol.file.allow=always \
    -c advice.detachedHead=false "$@"
}

git_knows() {
  [[ $(git_run --literal-pathspecs ls-files -- "$1" 2>/dev/null) ]]
}

git_mirror() { git_run --git-dir="$berth/repo.git" "$@"; }

# git_plain FOLDER: resets a git folder's own settings, as after git init.
git_plain() {
  rm -rf -- "$1"/{hooks,info,modules,worktrees,config.worktree,commondir} \
    "$1"/{index,HEAD,config,shallow,packed-refs}.lock "$1/shallow" &&
    mkdir -- "$1/info" && printf '[core]\n%s\n%s\n%s\n%s\n' \
    'repositoryformatversion = 0' "bare = $2" 'filemode = true' \
    'logallrefupdates = true' >"$1/config"
}

# git_has: the commit is in the mirror.
git_has() { git_mirror cat-file -e "$revision^{commit}" 2>/dev/null; }

# git_init_mirror: fails if git reports errors in its contents.
git_init_mirror() {
  local complaints
  git_run init -q --bare --template= "$berth/repo.git" &&
    git_plain "$berth/repo.git" true &&
    complaints=$(git_mirror for-each-ref 2>&1 >/dev/null) && [[ ! $complaints ]]
}

# git_make_mirror: makes sure that git can use it. If git cannot, everything but
# the objects is made anew.
git_make_mirror() {
  git_init_mirror && return
  say "the mirror is damaged; fetching its references again"
  find "$berth/repo.git" -mindepth 1 -maxdepth 1 ! -name objects \
    -exec rm -rf -- {} + && git_init_mirror
}

# git_fetch: makes sure that the mirror has the commit. Objects are never
# pruned, because slots borrow them.
git_fetch() {
  git_make_mirror || return 4
  git_has && return
  git_mirror fetch --no-auto-maintenance --no-recurse-submodules --progress \
    --no-write-fetch-head --prune --force -- "$repository" \
    '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
  # It may have arrived although another ref failed, for instance by a too long
  # name.
  local status=$?
  git_has && return
  ((status == 0)) || return 4
  # A commit that no branch or tag reaches any longer: "again" may request it.
  git_mirror fetch --no-auto-maintenance --no-recurse-submodules \
    --no-write-fetch-head -- "$repository" "$revision"
  git_has || {
    say "error: the repository has no commit $revision"
    return 4
  }
}

# git_slot: the slot's own settings, and a reference to the mirror's objects.
git_slot() {
  git_plain .git false && mkdir -p .git/objects/info &&
    printf '%s\n' "$berth/repo.git/objects" >.git/objects/info/alternates &&
    git_run config remote.origin.url "$repository" &&
    git_run config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
}

git_save_edits() {
  git_run diff --no-ext-diff --no-textconv --binary HEAD 2>/dev/null |
    keep_patch
}

git_say_unversioned() {
  git_run status --porcelain --no-renames 2>/dev/null |
    sed -n 's/^?? /removes the unversioned /p' | head -n 20
}

git_update() {
  git_fetch || return
  git_slot && git_run rev-parse -q --verify HEAD >/dev/null || return 3
  # Entries that git was told to ignore, or an index that it cannot read.
  if [[ $(git_run ls-files -v 2>&1 | grep -vc '^H ') != 0 ]]; then
    rm -f -- .git/index
    git_run read-tree HEAD || return 3
  fi
  find_suspects && git_save_edits && git_say_unversioned &&
    drop_suspects && git_run clean -ffdxq && git_checkout
}

git_fresh() {
  git_fetch || return
  git_run init -q --template= . && git_slot && git_checkout
}

git_checkout() {
  local old
  old=$(git_run rev-parse -q --verify HEAD)
  if [[ $old ]]; then
    found changed "$(git_run diff --name-only --no-ext-diff --no-renames \
      "$old" "$revision" | wc -l)"
  else
    found changed "$(git_run ls-tree -r --name-only "$revision" | wc -l)"
  fi
  git_run checkout --progress -f --detach "$revision" &&
    git_run clean -ffdxq && git_verify
}

git_verify() {
  local left name
  [[ $(git_run rev-parse HEAD) == "$revision" ]] || return
  left=$(git_run status --porcelain --ignored --untracked-files=all) || return
  [[ ! $left ]] || {
    say "error: not clean after the checkout:"
    head -n 20 <<<"$left"
    return 1
  }
  [[ ! -e .gitmodules ]] || say "the tree has submodules, which are left out"
  for name in "${shared[@]}"; do
    printf '/%s\n' "$name" >>.git/info/exclude
  done
  found files "$(count_files)"
}
