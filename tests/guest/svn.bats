#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest checkout, from Subversion: whatever was in the slot before, it
# equals a fresh checkout afterwards.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

setup_file() { guest_setup_file svn; guest_made; }
teardown_file() { guest_teardown_file; }
setup() { guest_setup; }
teardown() { guest_teardown; }

equals_fresh() {
  umask 022
  rm -rf "$T/fresh"
  svn checkout -q "$repository/$1@$2" "$T/fresh"
  same_tree "$T/fresh" "$T/srv/shop/$3"
}

@test "first a, then b copied from a, then a again: each equals a fresh one" {
  built 1 trunk 4
  [ "$(answer '[.slot, .revision, .fresh, .patch] | tostring')" \
    = '["a","4",true,null]' ]
  [ "$(answer .files)" = "$(find "$T/work" -path '*/.svn' -prune -o \
    \( -type f -o -type l \) -print | wc -l | awk '{print $1 + 1}')" ]
  equals_fresh trunk 4 a
  built 2 branches/x 4
  [ "$(answer '[.slot, .fresh, .changed] | tostring')" = '["b",false,11]' ]
  equals_fresh branches/x 4 b
  built 3 branches/x 4
  [ "$(answer '[.slot, .fresh] | tostring')" = '["a",false]' ]
  equals_fresh branches/x 4 a
  [ "$(stat -c %U "$T/srv/shop/a/run")" = games ]
  [ "$(readlink "$T/srv/shop/a/media")" = ../shared/media ]
  guest status 3 '{"application":"shop"}'
  [ "$(answer '.slots.a | [.path, .revision, .job] | tostring')" \
    = '["branches/x","4",3]' ]
}

@test "a branch that is gone in HEAD is still there at its revision" {
  svn rm -q -m gone "$repository/branches/x"
  built 1 branches/x 4
  equals_fresh branches/x 4 a
  checkout 2 branches/x 5
  [ "$status" -eq 20 ]
  [[ $(answer '.lines | tostring') == *E170000* ]] || { echo "$output"; false; }
}

@test "a path with blanks, percent signs and umlauts" {
  svn copy -q -m odd "$repository/trunk" \
    "$repository/branches/a b%2520c#d?eü"
  built 1 'branches/a b%20c#d?eü' 5
  equals_fresh 'branches/a b%2520c#d?eü' 5 a
  built 2 'branches/a b%20c#d?eü' 5
  built 3 'branches/a b%20c#d?eü' 5
  [ "$(answer .fresh)" = false ]
}

# A path is text: "branches/fix[1]" once was a pattern that its own URL did not
# match, and "branches/*" one that each branch's did.
@test "brackets and stars in a path stand for themselves" {
  svn copy -q -m odd "$repository/trunk" "$repository/branches/fix[1]"
  svn copy -q -m odd "$repository/branches/x@4" "$repository/branches/*"
  built 1 'branches/fix[1]' 6
  equals_fresh 'branches/fix[1]' 6 a
  built 2 'branches/*' 6
  equals_fresh 'branches/*' 6 b
  built 3 'branches/fix[1]' 6
  [ "$(answer '[.slot, .fresh] | tostring')" = '["a",false]' ]
  verify 'branches/fix[1]' a
  run verify 'branches/*' a
  [ "$status" -eq 1 ]
  [[ $output == *'error: the working copy is of '*'/branches/fix'* ]]
  run verify 'branches/fix1' a
  [ "$status" -eq 1 ]
  verify 'branches/*' b
}

# verify PATH SLOT: what a checkout of PATH at r6 would say of that slot.
verify() {
  (cd "$T/srv/shop/$2" && HOME=$T/home bash -c '
    source "$0/tree.bash" && source "$0/svn.bash"
    shared=() kind=svn repository=$1 path=$2 revision=6 berth=$3
    find . -maxdepth 1 -name media -type l -delete
    exec 5>/dev/null
    svn_verify' "$T/sbin/berth-guest.d" "$repository" "$1" "$T/srv/shop/.berth")
}

@test "edits of every kind are undone in place, and saved as a patch" {
  built 1 trunk 4
  built 2 trunk 4
  slot a '
    echo edited >>pkg/f1.py
    touch -r pkg/f2.py stamp; sed -i s/line/LINE/ pkg/f2.py
    touch -r stamp pkg/f2.py; rm stamp
    chmod 600 pkg/f3.py; chmod +x pkg/f4.py; rm pkg/f5.py
    rm pkg/f6.py; ln -s /etc/passwd pkg/f6.py
    rm -r pkg/deep; ln -s /etc pkg/deep
    echo new >unversioned; mkdir -p new/.svnless; echo x >new/x
    svn add -q unversioned; svn mv -q pkg/f7.py pkg/moved
    svn propset -q p v pkg/f8.py; svn propset -q svn:ignore "*.pyc" .
    echo x >pkg/x.pyc; touch "odd
name" -- -rf; chmod 000 new; chmod 700 pkg; chmod 666 run
    svn rm -q link; mkfifo pipe'
  built 3 trunk 4
  [ "$(answer '[.slot, .fresh] | tostring')" = '["a",false]' ] ||
    { echo "$output"; false; }
  equals_fresh trunk 4 a
  grep -q '^+edited' "$(answer .patch)"
  grep -q '^+LINE 2' "$(answer .patch)"
}

@test "an edit of the same size and time is not copied to the other slot" {
  built 1 trunk 4
  slot a 'touch -r pkg/f2.py stamp; sed -i s/line/LINE/ pkg/f2.py
    touch -r stamp pkg/f2.py; rm stamp'
  built 2 trunk 4
  [ "$(answer '[.slot, .fresh] | tostring')" = '["b",false]' ]
  equals_fresh trunk 4 b
}

@test "a working copy beyond mending is replaced by a fresh checkout" {
  local damage job=2
  built 1 trunk 4
  built 2 trunk 4
  for damage in 'echo junk >.svn/wc.db' 'rm -rf .svn' \
    'rm -rf .svn && ln -s /tmp .svn' 'svn update -q --set-depth empty pkg' \
    'rm -rf .svn/pristine/*' 'rm -rf .svn * && svn checkout -q "$1" .' \
    'svn switch -q --ignore-ancestry "${1%/trunk}/branches/x/pkg" pkg'; do
    slot a "set -- '$repository/trunk'; $damage"
    checkout $((++job)) trunk 4
    [ "$status" -eq 0 ] || { echo "$damage: $output"; false; }
    equals_fresh trunk 4 a
    [ ! -e "$T/srv/shop/a.new" ] && [ ! -e "$T/srv/shop/a.old" ]
  done
  svnadmin create "$T/other"
  svn mkdir -q --parents -m x "file://$T/other/shop/trunk"
  slot a "rm -rf .svn *; svn checkout -q 'file://$T/other/shop/trunk' ."
  checkout 20 trunk 4
  [ "$(answer .fresh)" = true ]
  equals_fresh trunk 4 a
}

@test "pristine texts that were written over are not brought back" {
  local way job
  built 1 trunk 4
  built 2 trunk 4
  # In place, and in a folder that was made before the slot was last clean.
  install -d -o games -g games "$T/home/made"
  slot a "cd .svn/pristine && cp -r . '$T/home/made' &&
    chmod -R u+w '$T/home/made' &&
    for f in '$T'/home/made/*/*; do echo evil >\"\$f\"; done"

  built 3 trunk 4
  built 4 trunk 4
  job=4
  for way in 'chmod -R u+w .svn/pristine; for f in .svn/pristine/*/*; do
      echo evil >"$f"; done' \
    "mv .svn/pristine .svn/tmp; mv '$T/home/made' .svn/pristine"; do
    slot a "$way; rm pkg/f1.py"
    checkout $((++job)) trunk 4
    [ "$(answer .fresh)" = true ] || { echo "$way: $output"; false; }
    equals_fresh trunk 4 a
  done
}

@test "a link in the place of a folder does not lead the cleaning elsewhere" {
  built 1 trunk 4
  built 2 trunk 4
  slot b 'echo data >media/file; echo served >pkg/unversioned'
  slot a 'rm -r pkg pkg/deep; ln -s ../b/pkg pkg; ln -s ../shared x'
  built 3 trunk 4
  [ "$(cat "$T/srv/shop/shared/media/file")" = data ]
  [ "$(cat "$T/srv/shop/b/pkg/unversioned")" = served ]
  equals_fresh trunk 4 a
}

@test "what root owns in a slot does not stop the next checkout" {
  built 1 trunk 4
  built 2 trunk 4
  mkdir "$T/srv/shop/a/pkg/root"
  echo root >"$T/srv/shop/a/pkg/root/file"
  chmod 700 "$T/srv/shop/a/pkg/root"
  checkout 3 trunk 4
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  equals_fresh trunk 4 a
}

@test "shared folders outlive checkouts and are links in each slot" {
  built 1 trunk 4
  slot a 'echo keep >media/file'
  built 2 trunk 4
  [ "$(cat "$T/srv/shop/b/media/file")" = keep ]
  built 3 trunk 4
  [ "$(cat "$T/srv/shop/a/media/file")" = keep ]
  # A folder in the place of the link is somebody's data as well.
  slot b 'rm media; mkdir media; echo mine >media/own'
  built 4 trunk 4
  [ "$(cat "$T/srv/shop/shared/media.before-4/own")" = mine ]
  [ "$(cat "$T/srv/shop/b/media/file")" = keep ]
}

@test "a shared folder that the repository holds too is an error, and safe" {
  svn mkdir -q -m media "$repository/trunk/media"
  checkout 1 trunk 5
  [ "$status" -eq 20 ]
  [[ $output == *'cannot be a shared folder'* ]]
  guest status 1 '{"application":"shop"}'
  [ "$(answer .slots.a)" = null ]
}

@test "externals are left out and named" {
  svn update -q "$T/work"
  svn propset -q svn:externals "ext $repository/branches/x" "$T/work"
  svn commit -q -m ext "$T/work"
  built 1 branches/x 5
  [[ $output == *'has externals'* ]]
  [ ! -e "$T/srv/shop/a/ext" ]
}

@test "a patch link planted for root is not followed by it" {
  built 1 trunk 4
  built 2 trunk 4
  echo precious >"$T/precious"
  slot a 'echo edited >>pkg/f1.py'
  setpriv --reuid games --regid games --clear-groups \
    ln -s "$T/precious" "$T/srv/shop/.berth/patches/3-a.patch"
  checkout 3 trunk 4
  [ "$(cat "$T/precious")" = precious ]
}

@test "a folder that is not root's alone is no place for slots" {
  mkdir -p "$T/srv/shop"
  chown nobody "$T/srv/shop"
  checkout 1 trunk 4
  [ "$status" -eq 20 ]
  rm -rf "$T/srv/shop"
  mkdir "$T/elsewhere"
  ln -s "$T/elsewhere" "$T/srv/shop"
  checkout 1 trunk 4
  [ "$status" -eq 20 ]
  [ -z "$(ls -A "$T/elsewhere")" ]
}

@test "progress counts files" {
  (cd "$T/work" && mkdir many && cd many && seq 3000 | xargs touch &&
    svn add -q ../many && svn commit -q -m many)
  checkout 1 branches/x 5
  [ "$status" -eq 0 ]
  head -n 1 <<<"$output" | jq -e '.progress.unit == "files"'
  [ "$(answer .files)" -gt 3000 ]
}
