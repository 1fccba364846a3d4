#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The cluster under fire: a session ended, a backend killed with -9 (which
# restarts the server) and the whole server killed, in every step that works on
# it, of a refresh, a spare and a build; and its disk full. After one more
# worker where there is something to settle, and one tidy: the server's database
# is the old or the new one whole and the record says which, the old base
# serves, nothing half made is left, and what is not Berth's is as it was.
# make check takes the whole server's death, of a build in switch alone (it is
# in every step in tests/fault/build.bats); FAULT_EVERY=1 takes all three.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/faults

setup_file() {
  worker_start postgres,backup,repository,guests
  put_job refresh "" shop '{"again": false}'
  work
  [ "$(outcome)" = succeeded ] || { log_of; return 1; }
  end_job  # while a refresh is active, tidy leaves unmarked bases to it
  build_job qa1 shop trunk newest true
  work
  [ "$(outcome)" = succeeded ] || { log_of; return 1; }
  end_job
  faults_start
}
teardown_file() { worker_stop; }
setup() { lab_env; }
teardown() {
  rm -f "$SPOOL_DIR/active/"*
  [ ! -d "$LAB_DIR/small" ] || "$LAB/small.sh" empty
}

# What can be copied.
bases() {
  sql "SELECT datname FROM pg_database WHERE datconnlimit = 0
    AND datname ~ '^berth_.*_b_' ORDER BY 1"
}

# begun STEP: waits for it, 1 when the job ended before.
begun() {
  local end=$((SECONDS + 300))
  while [ "$SECONDS" -lt "$end" ]; do
    if grep -qs "\"step\":\"$1\",\"event\":\"start\"" "$STEPS"; then
      return 0
    fi
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.01
  done
  return 1
}

# hit HOW: what happens to the cluster while job N works on it.
hit() {
  local ours="application_name LIKE 'berth % job $N' OR
    application_name = 'pg_restore'"
  case $1 in
    session) sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE $ours" >/dev/null ;;
    backend)
      local pid
      pid=$(sql "SELECT pid FROM pg_stat_activity WHERE $ours LIMIT 1")
      [ -z "$pid" ] || kill -KILL "$pid"
      ;;
    server)
      kill -KILL "$(head -n 1 "$LAB_DIR/postgres/data/postmaster.pid")"
      "$LAB/postgres.sh" restart
      ;;
  esac
}

# to_its_end PID: waits for that worker and, as berthd would, gives the job to
# one more when it is unsettled and the cluster takes sessions again (a backend
# killed takes the others along). Sets status.
to_its_end() {
  local tries=0
  status=0
  wait "$1" || status=$?
  until sql "SELECT 1" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ]
    sleep 0.1
  done
  if [ "$status" = 75 ]; then
    status=0
    work || status=$?
  fi
}

# strike HOW STEP: HOW in STEP of the job just put; then to its end.
strike() {
  local pid status
  work >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
  pid=$!
  if begun "$2" "$pid"; then
    hits=$((hits + 1))
    sleep "0.0$((RANDOM % 9))"
    hit "$1"
  fi
  to_its_end "$pid"
  echo "$1 in $2: $status $(outcome) $(result detail)"
  [ "$status" = 0 ]
}

ways() { [ -z "${FAULT_EVERY:-}" ] && echo server ||
  echo session backend server; }

@test "a refresh: the old base serves, or the new one does" {
  local how step before hits=0
  for how in $(ways); do
    for step in restore scrub vacuum publish; do
      before=$(bases)
      put_job refresh "" shop '{"again": true}'
      strike "$how" "$step"
      if [ "$(outcome)" = succeeded ]; then
        [ "$(bases | wc -l)" = $(($(wc -l <<<"$before") + 1)) ]
      else
        [ "$(result committed)" = false ]
        [ "$(bases)" = "$before" ]
      fi
      end_job
      cluster_is_whole
    done
  done
  [ "$hits" -gt 0 ]
}

@test "a spare: it is there whole, or not at all" {
  local how hits=0 generation spares
  generation=$(bases | tail -n 1 | grep -o '[0-9]*$')
  in_lab sed -i '/^\[application.shop\]/a spares = 1' \
    "$LAB_DIR/etc/berth/berth.conf"
  in_lab sed -i '/^spares = 0$/d' "$LAB_DIR/etc/berth/berth.conf"
  for how in $(ways); do
    put_job spare "" shop "{\"generation\": \"$generation\"}"
    strike "$how" copy
    spares=$(sql "SELECT count(*) FROM pg_database WHERE
      shobj_description(oid, 'pg_database') ~ '\"kind\":\"spare\"'
      AND shobj_description(oid, 'pg_database') ~ '\"state\":\"ready\"'")
    if [ "$(outcome)" = succeeded ]; then
      [ "$spares" -ge 1 ]
    else
      [ "$spares" = 0 ]
    fi
    end_job
    cluster_is_whole
  done
  [ "$hits" -gt 0 ]
}

@test "a build: the old database or the new one, whole, and people get in" {
  local how step before live hits=0
  in_lab sed -i '/^\[application.shop\]/,/^root/{/^spares/d}' \
    "$LAB_DIR/etc/berth/berth.conf"
  for how in $(ways); do
    for step in ${FAULT_EVERY:+database prepare} switch; do
      before=$(served qa1) live=$(live_of qa1)
      build_job qa1 shop branches/checkout-2 newest true
      strike "$how" "$step"
      if [ "$(result committed)" = true ]; then
        health qa1 | grep -x "branch branches/checkout-2"
      else
        [ "$(served qa1)" = "$before" ]
      fi
      says_which qa1 "$live"
      end_job
      cluster_is_whole
      build_job qa1 shop trunk newest true
      work
      succeeded
      end_job
    done
  done
  [ "$hits" -gt 0 ]
}

# stopped_below PID: who of its children, and theirs, stands still.
stopped_below() {
  local pid
  for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    if grep -q '^State:.T' "/proc/$pid/status" 2>/dev/null; then
      echo "$pid"
    else
      stopped_below "$pid"
    fi
  done
}

# at_message N WHEN HOW: of the job just put, the worker is held there, HOW
# happens to the cluster, and it goes on. To the job's end.
at_message() {
  local pid held= status end=$((SECONDS + 300))
  preloaded IN=job AT="$1" WHEN="$2" SIGNAL=STOP -- job "$F" \
    >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
  pid=$!
  while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$end" ]; do
    held=$(stopped_below "$pid")
    [ -z "$held" ] || break
    sleep 0.02
  done
  [ -z "$held" ] || {
    hits=$((hits + 1))
    hit "$3"
    kill -CONT "$held"
  }
  to_its_end "$pid"
  echo "$3 at message $1, $2: $status $(outcome) $(result detail)"
  [ "$status" = 0 ]
}

@test "the session and the server lost at each message of a swap" {
  local first last n when how live i=0 hits=0 every=${FAULT_EVERY:-16}
  build_job qa1 shop "" newest false
  rm -f "$LAB_DIR/tmp/messages"
  preloaded IN=job TRACE="$LAB_DIR/tmp/messages" -- job "$F"
  succeeded
  end_job
  first=$(awk '$1 == "job" && $3 == "BEGIN" { n = $2 } END { print n }' \
    "$LAB_DIR/tmp/messages")
  last=$(awk '$1 == "job" && $3 == "COMMIT" { n = $2 } END { print n }' \
    "$LAB_DIR/tmp/messages")
  [ $((last - first)) -ge 5 ]
  for ((n = first; n <= last; n++)); do
    for when in "${instants[@]}"; do
      for how in session backend server; do
        i=$((i + 1))
        [ $((i % every)) = 0 ] || continue
        live=$(live_of qa1)
        build_job qa1 shop "" newest false
        at_message "$n" "$when" "$how"
        says_which qa1 "$live"
        end_job
        cluster_is_whole
      done
    done
  done
  echo "# swap of messages $first to $last: $hits times lost" >&3
  [ "$hits" -ge 3 ]
}

# small_sql SQL: on the small cluster.
small_sql() {
  psql -XAtqh "$LAB_DIR/small/socket" -p 5419 -U postgres -d postgres -c "$1"
}
small_bases() {
  small_sql "SELECT count(*) FROM pg_database WHERE datconnlimit = 0
    AND datname ~ '^berth_.*_b_'"
}

@test "the cluster's disk full in a refresh and in a copy: nothing is lost" {
  local generation conf=$LAB_DIR/etc/berth/berth.conf
  "$LAB/small.sh" start
  cp "$conf" "$BATS_TEST_TMPDIR/conf"
  printf '\n[cluster.small]\nconninfo = "host=%s port=5419 user=berth %s"\n' \
    "$LAB_DIR/small/socket" "dbname=postgres" >>"$conf"
  in_lab sed -i '/^\[application.shop\]/,/^root/{
    s/^cluster = .*/cluster = "small"\nspares = 1/
    /^spares = 0/d}' "$conf"
  put_job refresh "" shop '{"again": false}'
  work
  succeeded
  end_job
  [ "$(small_bases)" = 1 ]
  generation=$(small_sql "SELECT right(datname, 14) FROM pg_database
    WHERE datconnlimit = 0 AND datname ~ '^berth_.*_b_'")
  small_sql CHECKPOINT

  "$LAB/small.sh" fill 12000000
  put_job refresh "" shop '{"again": true}'
  run work
  until small_sql "SELECT 1" >/dev/null 2>&1; do
    part=$(cat "$LAB_DIR/run/small.pid")
    kill -0 "$part" 2>/dev/null || break
    sleep 0.1
  done
  "$LAB/small.sh" empty
  small_sql "SELECT 1" >/dev/null 2>&1 || "$LAB/small.sh" restart
  [ -n "$(result outcome)" ] || work
  [ "$(outcome)" = failed ] || { log_of; false; }
  [ "$(result failed_step)" = restore ] || { log_of; false; }
  end_job
  worker tidy small
  [ "$(small_bases)" = 1 ]
  [ "$(small_sql "SELECT count(*) FROM pg_database
    WHERE datname ~ '^berth_'")" = 1 ]

  "$LAB/small.sh" fill 9000000
  put_job spare "" shop "{\"generation\": \"$generation\"}"
  run work
  "$LAB/small.sh" empty
  small_sql "SELECT 1" >/dev/null 2>&1 || "$LAB/small.sh" restart
  [ "$(outcome)" = failed ] || { log_of; false; }
  end_job
  worker tidy small
  [ "$(small_sql "SELECT count(*) FROM pg_database
    WHERE datname ~ '^berth_'")" = 1 ]

  # With room again both are as if nothing had been.
  put_job spare "" shop "{\"generation\": \"$generation\"}"
  work
  succeeded
  put_job refresh "" shop '{"again": true}'
  work
  succeeded
  [ "$(small_bases)" = 2 ]
  cp "$BATS_TEST_TMPDIR/conf" "$conf"
  "$LAB/small.sh" stop
}
