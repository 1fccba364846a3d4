#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest checkout, from git: nothing that lies in a slot or in a tree is
# run, and the slot equals a fresh checkout.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

setup_file() { guest_setup_file git; guest_made; }
teardown_file() { guest_teardown_file; }
setup() { guest_setup; }
teardown() { guest_teardown; }

equals_fresh() {
  umask 022
  rm -rf "$T/fresh"
  git clone -q "$T/work" "$T/fresh"
  git -C "$T/fresh" checkout -q "$1"
  same_tree "$T/fresh" "$T/srv/shop/$2"
}

@test "first a, then b, then a again: each equals a fresh one" {
  built 1 master "$master"
  [ "$(answer '[.slot, .fresh, .files] | tostring')" = '["a",true,44]' ]
  equals_fresh "$master" a
  built 2 x "$x"
  [ "$(answer '[.slot, .fresh, .changed] | tostring')" = '["b",false,11]' ]
  equals_fresh "$x" b
  built 3 x "$x"
  [ "$(answer '[.slot, .fresh, .changed] | tostring')" = '["a",false,11]' ]
  equals_fresh "$x" a
  [ "$(readlink "$T/srv/shop/a/media")" = ../shared/media ]
  [ -z "$(slot a 'git status --porcelain')" ]
}

@test "a commit that came later is fetched, an unknown one is an error" {
  built 1 master "$master"
  echo later >"$T/work/later"
  git -C "$T/work" add later
  git -C "$T/work" commit -q -m later
  built 2 x "$(git -C "$T/work" rev-parse x)"
  [ "$(cat "$T/srv/shop/b/later")" = later ]
  checkout 3 x 0123456789012345678901234567890123456789
  [ "$status" -eq 20 ]
  [[ $output == *'no commit'* ]]
  built 4 master "$master"
  equals_fresh "$master" a
}

@test "edits of every kind are undone in place, and saved as a patch" {
  built 1 master "$master"
  built 2 master "$master"
  slot a '
    echo edited >>pkg/f1.py; chmod 600 pkg/f3.py; chmod +x pkg/f4.py
    touch -r pkg/f2.py stamp; sed -i s/line/LINE/ pkg/f2.py
    touch -r stamp pkg/f2.py; rm stamp pkg/f5.py
    rm pkg/f6.py; ln -s /etc/passwd pkg/f6.py
    echo new >unversioned; git init -q nested; echo "*.pyc" >.gitignore
    echo x >pkg/x.pyc; git add unversioned; git mv pkg/f7.py pkg/moved
    git update-index --skip-worktree pkg/f8.py; echo hidden >pkg/f8.py
    git update-index --assume-unchanged pkg/f9.py; echo hidden >pkg/f9.py
    git -c user.name=t -c user.email=t@e commit -q -m mine; mkfifo pipe
    chmod 000 nested; touch .git/index.lock
    git config core.worktree /tmp; git config core.sparseCheckout true'
  built 3 master "$master"
  [ "$(answer '[.slot, .fresh] | tostring')" = '["a",false]' ] ||
    { echo "$output"; false; }
  equals_fresh "$master" a
  grep -q '^+edited' "$(answer .patch)"
}

@test "hooks, filters, attributes and settings in a slot are not obeyed" {
  built 1 master "$master"
  built 2 master "$master"
  slot a '
    for hook in post-checkout post-index-change reference-transaction; do
      printf "#!/bin/sh\ntouch %s/pwned-hook\n" "'"$T/home"'" >.git/hook
      mkdir -p .git/hooks; cp .git/hook .git/hooks/$hook
      chmod +x .git/hooks/$hook
    done
    git config filter.evil.smudge "touch '"$T/home"'/pwned-smudge; cat"
    git config filter.evil.clean "touch '"$T/home"'/pwned-clean; cat"
    git config core.fsmonitor "touch '"$T/home"'/pwned-monitor; false"
    git config core.autocrlf true; git config core.attributesFile /x
    mkdir -p .git/info; echo "* filter=evil eol=crlf" >.git/info/attributes
    git config include.path /dev/null; git config diff.external "touch '"$T"'/x"
    cp .git/config .git/config.worktree; git config extensions.worktreeConfig 1'
  cp "$T/srv/shop/a/.git/config" "$T/srv/shop/.berth/repo.git/config"
  chmod 0777 "$T/home"
  built 3 x "$x"
  equals_fresh "$x" a
  [ -z "$(ls "$T/home")" ] || { ls "$T/home"; false; }
}

@test "a tree with submodules, filters and a planted .git link stays tame" {
  (cd "$T/work" && git checkout -q x &&
    printf '[submodule "s"]\n\tpath = s\n\turl = ext::sh -c id\n' \
      >.gitmodules &&
    echo '* filter=evil' >.gitattributes &&
    git update-index --add --cacheinfo "160000,$x,s" &&
    git add .gitmodules .gitattributes && git commit -q -m modules)
  built 1 x "$(git -C "$T/work" rev-parse x)"
  [[ $output == *submodules* ]]
  built 2 master "$master"
  slot a 'rm -rf .git; ln -s '"$T"'/work/.git .git'
  built 3 master "$master"
  [ "$(answer .fresh)" = true ]
  equals_fresh "$master" a
}

@test "a damaged slot, index or HEAD is replaced by a fresh checkout" {
  local damage job=2
  built 1 master "$master"
  built 2 master "$master"
  for damage in 'rm -rf .git' 'echo junk >.git/HEAD' 'echo junk >.git/index' \
    'rm .git/HEAD' 'rm -rf .git/objects' 'git checkout -q --orphan new' \
    'rm .git/objects/info/alternates'; do
    slot a "$damage"
    checkout $((++job)) master "$master"
    [ "$status" -eq 0 ] || { echo "$damage: $output"; false; }
    equals_fresh "$master" a
  done
}

@test "what replaces a commit in a slot or in the mirror is not checked out" {
  local mirror=$T/srv/shop/.berth/repo.git
  built 1 master "$master"
  built 2 master "$master"
  slot a "git replace $master $x"
  setpriv --reuid games --regid games --clear-groups \
    env HOME="$T/home" git --git-dir="$mirror" replace "$master" "$x"
  built 3 master "$master"
  equals_fresh "$master" a
}

@test "a mirror that git cannot read is made anew, and the objects stay" {
  local damage job=1 mirror=$T/srv/shop/.berth/repo.git
  built 1 master "$master"
  for damage in 'echo junk >HEAD' 'echo junk >packed-refs' 'rm -rf refs' \
    'echo junk >refs/heads/master'; do
    setpriv --reuid games --regid games --clear-groups \
      bash -c "cd '$mirror' && $damage"
    echo "later $job" >"$T/work/later"
    git -C "$T/work" checkout -q x
    git -C "$T/work" add later
    git -C "$T/work" commit -q -m later
    built $((++job)) x "$(git -C "$T/work" rev-parse x)"
    equals_fresh "$(git -C "$T/work" rev-parse x)" "$(answer .slot)"
  done
}

@test "a ref that the mirror cannot store keeps no other commit out" {
  built 1 master "$master"
  setpriv --reuid games --regid games --clear-groups \
    mkdir -p "$T/srv/shop/.berth/repo.git/refs/heads/stuck.lock"
  git -C "$T/work" branch stuck x
  echo new >"$T/work/new"
  git -C "$T/work" checkout -q x
  git -C "$T/work" add new
  git -C "$T/work" commit -q -m new
  built 2 x "$(git -C "$T/work" rev-parse x)"
  equals_fresh "$(git -C "$T/work" rev-parse x)" b
}
