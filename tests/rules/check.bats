#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make check` counts: check.sh with suites of a few words, in a tree that
# has nothing else.
bats_require_minimum_version 1.5.0

setup() {
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/tests"
  cp "$BATS_TEST_DIRNAME/../check.sh" "$tree/tests"
  printf 'all unit:\n\t@touch built\n' >"$tree/Makefile"
  printf '#!/bin/sh\necho "$1" >>made\n' >"$tree/tests/prepare.sh"
  chmod 0755 "$tree/tests/prepare.sh"
}

# check NAME=VALUE... <SUITES: runs them; its output is in `output`.
check() {
  { echo 'needed_things() { :; }'; cat; } >"$tree/tests/check-suites.sh"
  run env -u CI -u CHECK_ONLY CHECK_DEPS=no CHECK_TMPFS=no "$@" \
    "$tree/tests/check.sh"
  echo "$output"
  last=${lines[-1]}
}

@test "a reason that the machine gives is counted and told in the last line" {
  check <<'SUITES'
all_suites() {
  suite one tap 9 printf '%s\n' 'ok 1 a' 'ok 2 b # skip needs root: it gives' \
    'ok 3 c # SKIP no /dev/net/tun here, for a card' \
    'ok 4 d in 3ms # skip needs root'
  suite two boost 9 printf '%s\n' \
    'Test case "x" is skipped because precondition failed: needs root: it' \
    '  31 test cases out of 32 passed' '  1 test case out of 32 skipped'
}
SUITES
  [ "$status" = 0 ]
  [ "$last" = "32 passed, 0 failed, 4 skipped (3 needs root, 1 no /dev/net/tun \
here)" ]
}

@test "a skipped test has failed when waiting or installing would have helped" {
  local why
  for why in 'there is no image of a guest after five minutes' \
    'strace is not installed' 'no lab: LAB_DIR is not set' \
    'the tests need root' ''; do
    check WHY="$why" <<'SUITES'
all_suites() { suite one tap 9 printf '%s\n' 'ok 1 a' "ok 2 b # skip $WHY"; }
SUITES
    [ "$status" = 1 ]
    [ "$last" = "1 passed, 1 failed" ]
    [[ "$output" == *"one: skipped for no reason that counts: $why"* ]]
  done
  check <<'SUITES'
all_suites() {
  suite two boost 9 printf '%s\n' \
    'Test suite "x" is skipped because precondition failed: no libvirtd' \
    '  31 test cases out of 35 passed' '  4 test case out of 35 skipped'
}
SUITES
  [ "$status" = 1 ]
  [ "$last" = "31 passed, 4 failed" ]
}

@test "what suites need is made before the first, and its failure has its name" {
  cat >"$tree/tests/prepare.sh" <<'PREPARE'
#!/bin/sh
echo "$1" >>made
[ "$1" != image ] || { echo "no mirror"; exit 1; }
PREPARE
  check <<'SUITES'
needed_things() { printf '%s\n' image modules; }
all_suites() {
  suite one tap 9 sh -c '[ "$(cat made)" = "image
modules" ] && [ -e built ] && echo ok 1'
  prepared image || echo "image is missing"
  prepared modules && suite two tap 9 echo ok 1
}
SUITES
  [ "$status" = 1 ]
  [[ "$output" == *"image is missing"* ]]
  [[ "$output" == *"prepare-image: no mirror"* ]]
  [ "$last" = "2 passed, 1 failed" ]
}

@test "the clock of the run starts with the suites, and it alone ends them" {
  printf 'all unit:\n\t@sleep 2\n' >"$tree/Makefile"
  check <<'SUITES'
all_suites() {
  [ $((CHECK_UNTIL - EPOCHSECONDS)) -ge 3599 ] && suite one tap 9 echo ok 1
  CHECK_UNTIL=$EPOCHSECONDS
  suite two tap 9 echo ok 1
  suite three tap 9 echo ok 1
}
SUITES
  [ "$status" = 0 ]
  [[ "$output" == *"two skipped: the clock: 60 minutes of this run have passed \
before it began"* ]]
  [ "$last" = "1 passed, 0 failed, 2 skipped (2 the clock)" ]
}

# Fails at first and then no more.
flaky_suite() {
  cat <<'SUITES'
all_suites() {
  suite one tap 9 sh -c '[ -e been ] && echo ok 1 t ||
    { touch been; echo not ok 1 t; echo "# expected 2"; false; }'
}
SUITES
}

@test "in CI a suite that fails is run once more, and named" {
  check CI=true < <(flaky_suite)
  [ "$status" = 0 ]
  [[ "$output" == *"one is run once more"* ]]
  [[ "$output" == *"at first: one: not ok 1 t"* ]]
  [[ "$output" == *"at first: one: # expected 2"* ]]
  [ "${lines[-2]}" = "flaky: one" ]
  [ "$last" = "1 passed, 0 failed" ]
}

@test "elsewhere it has failed, and in CI what fails twice" {
  check < <(flaky_suite)
  [ "$status" = 1 ]
  [ "$last" = "0 passed, 1 failed" ]
  check CI=true <<'SUITES'
all_suites() { suite one tap 9 sh -c 'echo x >>runs; echo not ok 1 t; false'; }
SUITES
  [ "$status" = 1 ]
  [[ "$output" != *"flaky:"* ]]
  [ "$last" = "0 passed, 1 failed" ]
  [ "$(wc -l <"$tree/runs")" = 2 ]
}
