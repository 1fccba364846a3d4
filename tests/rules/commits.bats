#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Commits as CONTRIBUTING asks for them, from the one on that brought this file:
# those of before are as they are.

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || return
  first=$(git log --diff-filter=A --format=%H -- tests/rules/commits.bats |
    tail -n 1) || :
}

# since: the hashes of what the rule is for, with the first one. None in an
# archive of the sources, and before that one is committed.
since() {
  [ -z "$first" ] || { echo "$first"; git rev-list --no-merges "$first"..HEAD; }
}

@test "a commit's subject says where and what in 72 characters" {
  local hash subject
  for hash in $(since); do
    subject=$(git log -1 --format=%s "$hash")
    [[ "$subject" =~ ^[A-Za-z][A-Za-z0-9_,./\ -]*:\ [a-z] &&
      ${#subject} -le 72 && "$subject" != *. ]] || {
      echo "${hash:0:8} $subject"
      echo 'wanted: "area: imperative in at most 72 characters", no full stop'
      false
    }
  done
}

@test "a commit's body says why" {
  local hash
  for hash in $(since); do
    [ -n "$(git log -1 --format=%b "$hash")" ] || {
      echo "${hash:0:8} $(git log -1 --format=%s "$hash"): no body"
      false
    }
  done
}
