#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berthd makes spares by itself, with a stand-in for the worker: as many as are
# wanted, one at a time, out of the way of people's builds, and none too many
# wherever a kill -9 cuts in.

# shellcheck disable=SC2154 # set by spool.bash
load ../lib/spool

build='{"application":"shop","path":"trunk","database":"newest",
  "checkout":true}'

setup() {
  need_strace
  need_watch
  work=$(work_folder)
  shop_tree
}

teardown() {
  stop_berthd
  if [ -n "${work:-}" ]; then rm -rf "$work"; fi
}

# A console whose shop wants two spares on a cluster that the stand-in tells of.
shop_tree() {
  new_tree "$work/tree" application.shop 'spares = 2'
  add_programs
  echo spares >"$tree/etc/stand-in"
}

ready() { cat "$tree/etc/ready" 2>/dev/null | wc -l; }
has_ready() { [ "$(ready)" -ge "$1" ]; }
worked() { grep -qx "$1" "$tree/etc/worked"; }
events() {
  grep -o '"event":"[a-z_]*"' "$tree/lib/history/applications/shop.jsonl" |
    sort | uniq -c | tr -s ' \n' ' '
}
no_jobs_left() { [ "$(jobs_in queue)" = 0 ] && [ "$(jobs_in active)" = 0 ]; }

@test "as many spares are made as are wanted, one at a time" {
  start_berthd
  wait_until 20 has_ready 2
  wait_until 10 no_jobs_left
  sleep 3 # time for one too many
  [ "$(ready)" = 2 ]
  [ "$(events)" = ' 2 "event":"spare_made" ' ]
  # One ended before the next began.
  [ "$(sed 's/ [0-9]*//; s/,.*//' "$tree/etc/worked" | uniq -c |
    awk '{ print $1 }' | sort -u)" = 1 ]
}

@test "a spare makes way for a build once, and that costs it no attempt" {
  : >"$tree/etc/copying"
  start_berthd
  wait_until 20 worked 'spare 1 copies'
  drop 1 bob build qa1 "$build"
  wait_until 20 worked 'build 2 is done'
  [ "$(grep -c 'told to yield' "$tree/etc/worked")" = 1 ]
  says "job 1: yields to a build"
  says "job 1: requeued: it yielded"
  rm "$tree/etc/copying"
  wait_until 20 worked 'spare 1 begins, attempt 1'
  wait_until 20 has_ready 2
  # The build copied before the spare began again.
  [ "$(grep -nx 'build 2 is done' "$tree/etc/worked" | cut -d: -f1)" -lt \
    "$(grep -n 'spare 1 begins' "$tree/etc/worked" | tail -n 1 |
      cut -d: -f1)" ]
}

@test "the spare that waits says for whom" {
  : >"$tree/etc/copying"
  start_berthd
  wait_until 20 worked 'spare 1 copies'
  kill -STOP "$(pid_of_berthd)"
  drop 1 bob build qa1 "$build"
  drop 2 bob build qa1 "$build"
  kill -CONT "$(pid_of_berthd)"
  wait_until 20 state_says job/1.json \
    '"waits_for":{"claim":"copies:db1","holder":[23],"holder_user":"bob"'
}

@test "a worker of a spare that dies is settled and the spare made" {
  : >"$tree/etc/copying"
  start_berthd
  wait_until 20 worked 'spare 1 copies'
  kill -KILL "$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' \
    "$tree/spool/active/1.json")"
  rm "$tree/etc/copying"
  wait_until 20 has_ready 2
  wait_until 10 no_jobs_left
  [ "$(ready)" = 2 ]
}

@test "kill -9 of berthd at every call makes no spare too many" {
  local call n cuts=0
  for call in renameat fsync unlinkat; do
    n=1
    while
      shop_tree
      start_berthd strace -o /dev/null -e trace="$call" \
        -e inject="$call:signal=KILL:when=$n"
      cut_or_made
    do
      cuts=$((cuts + 1))
      started=
      start_berthd
      wait_until 30 has_ready 2
      wait_until 10 no_jobs_left
      stop_berthd
      [ "$(ready)" = 2 ] || { echo "$call $n: $(ready) spares"; false; }
      n=$((n + ${FAULT_EVERY:-8})) # each waits for a tidy and two spares
      [ "$n" -lt 200 ]
    done
    stop_berthd || true # its N-th call may come as late as that
  done
  echo "# kill -9 $cuts times" >&3
  [ "$cuts" -ge 5 ]
}

# True when berthd was killed before both spares were there and told of.
cut_or_made() {
  wait_until 30 over
  is_gone "$started"
}
over() { is_gone "$started" || { has_ready 2 && no_jobs_left; }; }
