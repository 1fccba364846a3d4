#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of berthd at every write, rename, fsync and unlink of an acceptance,
# and an error at each of them: one more start, and no accepted job is lost or
# there twice, no hold lost or doubled, the drop is gone, the receipt is there.

# shellcheck disable=SC2154 # set by spool.bash
bats_require_minimum_version 1.5.0
load ../lib/spool

setup() {
  need_strace
  work=$(work_folder)
}
teardown() { rm -rf "${work:-}"; }

build_arguments='{"application":"site","path":"trunk","database":"none",
  "checkout":true,"release":"always"}'

# What each act starts from, and what must be true in the end, however often
# it was cut off.
before_reserve() { :; }
ask_reserve() { drop 1 bob reserve qa1 '{"hours":2,"note":"x"}'; }
after_reserve() {
  [ "$(status_of 1)" = 201 ] && [ "$(holder)" = bob ] &&
    [ "$(lines_of reserved)" = 1 ] && [ "$(jobs_in queue)" = 0 ]
}

before_build() { :; }
ask_build() { drop 1 bob build '*' "$build_arguments"; }
after_build() {
  [ "$(status_of 1)" = 201 ] && [ "$(holder)" = bob ] &&
    [ "$(lines_of reserved)" = 1 ] && [ "$(jobs_in queue)" = 1 ] &&
    [ "$(jobs_in active)" = 0 ]
}

before_cancel() { drop 8 bob build qa1 "$build_arguments"; }
ask_cancel() { drop 1 bob cancel 1 '{}'; }
after_cancel() {
  [ "$(status_of 1)" = 200 ] && [ "$(holder)" = free ] &&
    [ "$(lines_of build_cancelled)" = 1 ] && [ "$(lines_of released)" = 1 ] &&
    [ "$(jobs_in queue)" = 0 ] && [ "$(jobs_in active)" = 0 ]
}

before_release() { drop 8 bob reserve qa1 '{"hours":2}'; }
ask_release() { drop 1 bob release qa1 '{}'; }
after_release() {
  [ "$(status_of 1)" = 204 ] && [ "$(holder)" = free ] &&
    [ "$(lines_of reserved)" = 1 ] && [ "$(lines_of released)" = 1 ]
}

before_take_over() { drop 8 bob build qa1 "$build_arguments"; }
ask_take_over() { drop 1 carol reserve qa1 '{"hours":2,"take_over":true}'; }
after_take_over() {
  [ "$(status_of 1)" = 200 ] && [ "$(holder)" = carol ] &&
    [ "$(lines_of build_cancelled)" = 1 ] &&
    [ "$(lines_of taken_over)" = 1 ] && [ "$(jobs_in queue)" = 0 ]
}

# Root's own, from drop-root/.
before_roots() { drop 8 bob reserve qa1 '{"hours":2}'; }
ask_roots() { roots_drop 1 release qa1 '{}'; }
after_roots() {
  [ "$(status_of 1)" = 204 ] && [ "$(holder)" = free ] &&
    [ "$(lines_of reserved)" = 1 ] && [ "$(lines_of released)" = 1 ]
}

# cut_off FAULT ACT CALL N [ERROR]: false when the act got through whole.
cut_off() {
  local fault=$1 act=$2 cut=0
  shift 2
  new_tree "$work/tree"
  "before_$act"
  once 2>/dev/null
  "ask_$act"
  "$fault" "$@" && cut=1
  once 2>>"$tree/again.err"
  if ! is_clean || ! "after_$act"; then
    echo "$act cut off at $*: not as it should be"
    cat "$tree/again.err" "$tree/lib/history/qa1.jsonl"
    ls -lAR "$tree/spool"
    exit 1
  fi
  # And once more: nothing is left to do, nothing is done again.
  once 2>/dev/null
  "after_$act" || { echo "$act cut off at $*: done again"; exit 1; }
  [ "$cut" = 1 ]
}

# every FAULT ACT [ERROR]: FAULT is killed_once or failed_once. At every second
# call of a kind, with FAULT_EVERY=1 at each.
every() {
  local fault=$1 act=$2 call n cuts=0 met="" step=${FAULT_EVERY:-2}
  shift 2
  for call in $calls; do
    n=1
    while cut_off "$fault" "$act" "$call" "$n" "$@"; do
      n=$((n + step)) cuts=$((cuts + 1))
      [ "$n" -lt 200 ] || { echo "no end at $call $n"; return 1; }
    done
    met="$met $call $(((n - 1) / step))"
  done
  echo "# $act, $fault: $cuts times:$met" >&3
  # A loop that met hardly a call proves nothing.
  [ "$cuts" -gt 8 ]
}

@test "a reserve survives kill -9 at every call" {
  every killed_once reserve
}
@test "a build survives kill -9 at every call" { every killed_once build; }
@test "a cancel survives kill -9 at every call" { every killed_once cancel; }
@test "a release survives kill -9 at every call" {
  every killed_once release
}
@test "a take-over survives kill -9 at every call" {
  every killed_once take_over
}
@test "root's own request survives kill -9 at every call" {
  [ "$(id -u)" = 0 ] || skip "needs root: drop-root/ takes its files alone"
  every killed_once roots
}
@test "a build survives a full disk at every call" {
  every failed_once build ENOSPC
}
@test "a cancel survives an I/O error at every call" {
  every failed_once cancel EIO
}
