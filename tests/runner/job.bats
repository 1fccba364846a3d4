#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berthd and the life of a job, with a stand-in for the worker: kill -9 of
# berthd at every rename, fsync and unlink between queue and history; a worker
# that dies, hangs back or is told to stop; two berthds; a watcher that hangs.

# shellcheck disable=SC2154 # set by spool.bash
load ../lib/spool

build='{"application":"site","path":"trunk","database":"none",
  "checkout":true,"release":"always"}'
keep='{"application":"site","path":"trunk","database":"none","checkout":true}'

setup() {
  need_strace
  need_watch
  work=$(work_folder)
  new_tree "$work/tree"
  add_programs
}

teardown() {
  stop_berthd
  if [ -n "${work:-}" ]; then rm -rf "$work"; fi
}

# One job, built once, its hold given back, nothing left over.
ended_once() {
  [ "$(lines_of built)" = 1 ] && [ "$(lines_of released)" = 1 ] &&
    [ "$(lines_of reserved)" = 1 ] && [ "$(holder)" = free ] &&
    [ "$(jobs_in queue)" = 0 ] && [ -z "$(ls -A "$tree/spool/active")" ]
}

# cut_off DONE CALL N: what is in the tree's drop, by a berthd that is killed at
# that call and by one after it, until DONE holds. False when the job got to its
# end and berthd stopped whole.
cut_off() {
  local status=0
  once 2>/dev/null
  start_berthd strace -o /dev/null -e trace="$2" -e inject="$2:signal=KILL:when=$3"
  wait_until 20 done_or_gone "$1" || {
    echo "$2 $3: no end"
    cat "$tree/berthd.err" "$tree"/lib/history/*.jsonl
    exit 1
  }
  kill -TERM "$(pid_of_berthd)" 2>/dev/null
  wait "$started" 2>/dev/null || status=$?
  started=
  start_berthd
  wait_until 20 "$1" || {
    echo "$2 $3: not as it should be"
    cat "$tree/berthd.err" "$tree"/lib/history/*.jsonl
    ls -lAR "$tree/spool"
    exit 1
  }
  stop_berthd
  "$1" || { echo "$2 $3: done again"; exit 1; }
  [ "$status" != 0 ]
}
done_or_gone() { "$1" || is_gone "$started"; }

# cut_everywhere PREPARE DONE: at every such call between queue and history, each
# time with the tree that PREPARE makes; the number of cuts is in $cuts.
cut_everywhere() {
  local call n met=""
  cuts=0
  for call in renameat fsync unlinkat; do
    n=1
    while "$1" && cut_off "$2" "$call" "$n"; do
      n=$((n + 1))
      [ "$n" -lt 100 ]
    done
    cuts=$((cuts + n - 1))
    met="$met $call $((n - 1))"
  done
  echo "# kill -9 $cuts times:$met" >&3
}

one_server() {
  new_tree "$work/tree"
  add_programs
  drop 1 bob build qa1 "$build"
}

@test "a job survives kill -9 of berthd at every call from queue to history" {
  cut_everywhere one_server ended_once
  [ "$cuts" -gt 15 ]
}

two_servers() {
  new_tree "$work/tree"
  add_programs
  echo unfit-qa1 >"$tree/etc/stand-in"
  sed -i "s|^uri = .*|uri = \"test://$tree/etc/node.xml\"|; /^aliases/d" \
    "$tree/etc/berth.conf"
  local name domains=""
  echo '<node>' >"$tree/etc/node.xml"
  for name in qa1 qa2; do
    echo "<domain type='test'><name>$name</name><memory>1024</memory>
      <uuid>6695eb01-f6a4-8304-79aa-97f2502e193${name#qa}</uuid>
      <os><type>hvm</type></os></domain>" >>"$tree/etc/node.xml"
    domains="$domains,{\"name\":\"$name\",\"server\":\"$name\",
      \"state\":\"running\",\"addresses\":[],\"vcpus\":1,\"memory\":1,
      \"uuid\":\"6695eb01-f6a4-8304-79aa-97f2502e193${name#qa}\"}"
  done
  echo '</node>' >>"$tree/etc/node.xml"
  state hosts/kvm1.json '{"version":1,"host":"kvm1",
    "uri":"test://'"$tree"'/etc/node.xml","connected":true,"reason":null,
    "as_of":"2026-01-01T00:00:00Z","domains":['"${domains#,}"']}'
  drop 1 bob build '*' "$keep"
}

# On qa2 under its own number, once; qa1 free, and nothing left over.
moved_once() {
  [ "$(lines_of reserved)" = 1 ] && [ "$(lines_of build_moved)" = 1 ] &&
    [ "$(holder)" = free ] && [ "$(wc -l <"$tree/lib/history/qa1.jsonl")" = 3 ] &&
    [ "$(grep -c '"event":"reserved"' "$tree/lib/history/qa2.jsonl")" = 1 ] &&
    [ "$(grep -c '"event":"built"' "$tree/lib/history/qa2.jsonl")" = 1 ] &&
    tail -n 1 "$tree/lib/history/qa2.jsonl" | grep -q '"hold":{"user":"bob"' &&
    [ "$(jobs_in queue)" = 0 ] && [ -z "$(ls -A "$tree/spool/active")" ]
}

@test "a build on any server goes on to the next, wherever berthd is killed" {
  cut_everywhere two_servers moved_once
  [ "$cuts" -gt 20 ]
}

@test "a worker that is killed is recovered at once and the job built once" {
  echo slow >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob build qa1 "$build"
  wait_until 10 state_says job/1.json '"step"\|"state":"running","started_at"'
  wait_until 10 grep -q checkout "$tree/spool/active/1.steps"
  worker=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$tree/spool/active/1.json")
  : >"$tree/etc/stand-in"
  kill -KILL "$worker"
  wait_until 10 ended_once
  says "job 1: its worker exited (killed by signal 9)"
  says "job 1: requeued: rolled back"
}

@test "a job whose worker dies every time fails after five and says so" {
  echo die >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob build qa1 "$keep"
  wait_until 20 has_line build_failed
  grep -q "its worker crashed 5 times" "$tree/lib/history/qa1.jsonl"
  [ "$(wc -l <"$tree/etc/worked")" = 5 ]
  # It took the server and changed nothing on it.
  [ "$(holder)" = free ]
}

@test "a job that cannot be settled keeps its server and is tried again" {
  echo slow >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob build qa1 "$build"
  wait_until 10 grep -q database "$tree/spool/active/1.steps"
  worker=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$tree/spool/active/1.json")
  echo unsettled >"$tree/etc/stand-in"
  kill -KILL "$worker"
  wait_until 10 state_says job/1.json '"state":"unsettled"'
  drop 2 bob build qa1 "$keep"
  wait_until 10 state_says job/2.json '"claim":"server:qa1","holder":1'
  : >"$tree/etc/stand-in"
  wait_until 20 state_says job/1.json '"state":"succeeded"'
  wait_until 20 state_says job/2.json '"state":"succeeded"'
}

@test "a job that runs is cancelled, and one past its commit is not" {
  echo slow >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob build qa1 "$build"
  wait_until 10 grep -q database "$tree/spool/active/1.steps"
  drop 2 bob cancel 1 '{}'
  wait_until 10 has_line build_cancelled
  [ "$(status_of 2)" = 202 ]
  [ "$(holder)" = free ]
  : >"$tree/etc/stand-in"
  drop 3 bob build qa1 "$build"
  wait_until 10 has_line built
  drop 4 bob cancel 2 '{}'
  wait_until 10 test -s "$tree/spool/receipts/$(token 4).json"
  [ "$(status_of 4)" = 409 ]
}

@test "a cancel after the commit was granted is refused and the job built" {
  echo linger >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob build qa1 "$build"
  wait_until 10 grep -q switch "$tree/spool/active/1.steps"
  wait_until 10 state_says job/1.json '"cancellable":false'
  drop 2 bob cancel 1 '{}'
  wait_until 10 test -s "$tree/spool/receipts/$(token 2).json"
  [ "$(status_of 2)" = 409 ]
  wait_until 10 ended_once
}

@test "TERM puts a job back at its place, and the next start builds it" {
  echo slow >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob build qa1 "$build"
  wait_until 10 grep -q database "$tree/spool/active/1.steps"
  stop_berthd
  [ "$(jobs_in queue)" = 1 ]
  [ -z "$(ls -A "$tree/spool/active")" ]
  state_says health.json '"runner":"away"'
  state_says job/1.json '"state":"queued"'
  : >"$tree/etc/stand-in"
  start_berthd
  wait_until 10 ended_once
}

@test "a take-over in the middle of a job cancels, waits and transfers" {
  echo slow >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob build qa1 "$keep"
  wait_until 10 grep -q database "$tree/spool/active/1.steps"
  drop 2 carol reserve qa1 '{"hours":1,"take_over":true}'
  wait_until 10 has_line taken_over
  [ "$(status_of 2)" = 202 ]
  [ "$(holder)" = carol ]
  [ "$(lines_of build_cancelled)" = 1 ]
}

@test "a hold ends by itself, but not while a job on its server works" {
  echo slow >"$tree/etc/stand-in"
  start_berthd
  drop 1 bob reserve qa1 '{"hours":0.0004}'
  wait_until 10 has_line expired
  drop 2 bob reserve qa1 '{"hours":0.0004}'
  wait_until 10 test -s "$tree/spool/receipts/$(token 2).json"
  drop 3 bob build qa1 "$keep"
  wait_until 10 grep -q checkout "$tree/spool/active/1.steps"
  [ "$(lines_of expired)" = 1 ]
  [ "$(holder)" = bob ]
  wait_until 15 has_line built
  wait_until 10 eval '[ "$(lines_of expired)" = 2 ]'
  [ "$(holder)" = free ]
}

@test "a second berthd on one spool says who has it" {
  start_berthd
  wait_until 10 test -s "$tree/lib/state/health.json"
  run "$berthd" --config "$tree/etc/berth.conf"
  [ "$status" = 1 ]
  [[ "$output" == *"another berthd uses this spool: process $(
    pid_of_berthd)"* ]]
}

@test "HUP takes a good configuration and keeps the old one for a bad one" {
  start_berthd
  wait_until 10 state_says applications.json '"name":"site"'
  drop 1 carol build qa1 "$keep"
  wait_until 20 state_says job/1.json '"state":"succeeded"'
  sed -i 's/^\[application.site\]/[application.wiki]/' "$tree/etc/berth.conf"
  kill -HUP "$(pid_of_berthd)"
  wait_until 10 state_says applications.json '"name":"wiki"'
  echo 'bogus = 1' >>"$tree/etc/berth.conf"
  kill -HUP "$(pid_of_berthd)"
  wait_until 10 says "unknown key 'bogus'"
  wait_until 10 state_says health.json "invalid berth.conf"
  state_says applications.json '"name":"wiki"'
  # It once took what was published of ended jobs with it.
  state_says job/1.json '"state":"succeeded"'
  # And this, half a line of an editor, took berthd.
  echo '[' >>"$tree/etc/berth.conf"
  kill -HUP "$(pid_of_berthd)"
  wait_until 10 says "berth.conf:$(wc -l <"$tree/etc/berth.conf"):2: "
  state_says applications.json '"name":"wiki"'
  run "${berthd%/*}/berthctl" --config "$tree/etc/berth.conf" check
  [ "$status" = 1 ]
  [[ "$output" == *"berth.conf:$(wc -l <"$tree/etc/berth.conf"):2: "* ]]
}

# 28 domains with many snapshots are enough: it once ended berthd for all hosts.
@test "a host whose state is too large is unreachable, and berthd goes on" {
  start_berthd
  wait_until 10 state_says hosts.json '"fresh":true'
  truncate -s 70M "$tree/lib/state/hosts/.new"
  chmod 0640 "$tree/lib/state/hosts/.new"
  mv "$tree/lib/state/hosts/.new" "$tree/lib/state/hosts/kvm1.json"
  wait_until 10 state_says hosts.json 'larger than'
  state_says servers.json '"fresh":false'
  kill -0 "$(pid_of_berthd)"
}

@test "a watcher that hangs is replaced and its host is unreachable meanwhile" {
  start_berthd
  wait_until 10 state_says servers.json '"name":"qa1"'
  wait_until 10 state_says hosts.json '"fresh":true'
  watcher=$(cat "/proc/$(pid_of_berthd)/task/$(pid_of_berthd)/children")
  # shellcheck disable=SC2086 # one word per child
  for pid in $watcher; do
    if grep -q berth-watch "/proc/$pid/comm"; then kill -STOP "$pid"; fi
  done
  wait_until 25 state_says hosts.json "missed three heartbeats"
  state_says servers.json '"fresh":false'
  drop 1 bob build qa1 "$keep"
  wait_until 10 state_says hosts.json '"fresh":true'
  state_says servers.json '"fresh":true'
}

@test "repositories that answer nothing keep no cluster from being looked at" {
  # One that never answers keeps its place for five minutes.
  local n
  for n in 1 2 3 4 5; do
    cat >>"$tree/etc/berth.conf" <<EOF
[application.mute$n]
repository = "svn://localhost/mute$n"
kind = "svn"
root = "/srv/mute$n"
EOF
  done
  cat >>"$tree/etc/berth.conf" <<EOF
[cluster.db1]
conninfo = "host=/nonexistent"
EOF
  echo mute >"$tree/etc/stand-in"
  start_berthd
  wait_until 20 grep -qx "tidy db1" "$tree/etc/chores"
  [ "$(grep -c paths "$tree/etc/chores")" -le 4 ]
}
