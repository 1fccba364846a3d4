#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-worker under fire: killed, cancelled or stopped in every step; the
# cluster or the guest gone in the middle. After one more worker on the same
# job the server is what it was, or what was asked for, and nothing in between.

bats_require_minimum_version 1.5.0
load ../lib/worker

setup_file() {
  worker_start
  publish_shop
  build_job qa1 shop trunk newest true
  work
  succeeded
  end_job
}
teardown_file() { worker_stop; }
setup() { lab_env; }
teardown() { rm -f "$SPOOL_DIR/active/"*; }

# begin_driven STEP ACTION [DELAY]: the job in the background; its process in $driver.
begin_driven() {
  drive "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
  driver=$!
}

# ended: its exit status in $status.
ended() {
  status=0
  wait "$driver" || status=$?
}

# Holds what a swap has to have, so that it waits inside its first statement;
# once preflight is over, which would tell of it and begin nothing.
hold_database() {
  local end=$((SECONDS + 300))
  until grep -qs '"step":"preflight","event":"end"' "$STEPS"; do
    [ "$SECONDS" -lt "$end" ]
    sleep 0.02
  done
  coproc HOLDER { psql -XAtqh "$PGHOST" -p "$PGPORT" -U postgres -d postgres; }
  printf '%s\n' 'BEGIN;' "COMMENT ON DATABASE $1 IS '$(sql "SELECT
    shobj_description(oid, 'pg_database') FROM pg_database
    WHERE datname = '$1'")';" 'SELECT 1;' >&"${HOLDER[1]}"
  read -r -u "${HOLDER[0]}" -t 10 _
}
# The swap stands before what is held.
swap_waits() {
  local end=$((SECONDS + 300))
  until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE
    application_name LIKE 'berth % job $N' AND wait_event_type = 'Lock'")" \
    -gt 0 ]; do
    [ "$SECONDS" -lt "$end" ]
    sleep 0.05
  done
}
release_database() {
  local pid=$HOLDER_PID
  # Where the cluster is gone, so is psql after the first line.
  trap '' PIPE
  printf '%s\n' 'ROLLBACK;' '\q' >&"${HOLDER[1]}" || true
  trap - PIPE
  wait "$pid"
}

# From the start of switch on, switch.bats kills at every fsync, the one of each
# step's first record among them.
@test "killed in any step before switch: the server is as it was" {
  before=$(served qa1)
  for step in preflight database checkout render prepare; do
    build_job qa1 shop branches/checkout-2 newest true
    run drive "$step" kill
    [ "$status" = 137 ]
    work
    [ "$(outcome)" = requeue ]
    [ "$(served qa1)" = "$before" ]
    cluster_is_tidy
    end_job
  done
}

@test "killed inside the swap: the server is as it was" {
  before=$(served qa1)
  build_job qa1 shop branches/checkout-2 newest true
  export GATE=$LAB_DIR/tmp/gate
  begin_driven switch kill
  hold_database shop_qa1
  swap_waits
  touch "$GATE"
  ended
  rm "$GATE"
  release_database
  [ "$status" = 137 ]
  log_of | grep -q 'switch changed on the guest'
  work
  [ "$(outcome)" = requeue ]
  [ "$(served qa1)" = "$before" ]
  cluster_is_tidy
}

@test "a swap that times out on a lock is put back on the guest too" {
  before=$(served qa1)
  build_job qa1 shop branches/checkout-2 newest true
  begin_driven switch none
  hold_database shop_qa1
  ended
  release_database
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = switch ]
  [ "$(result committed)" = false ]
  [ "$(served qa1)" = "$before" ]
  cluster_is_tidy
}

@test "killed when only the last record was missing: the build is finished" {
  build_job qa1 shop branches/checkout-2 newest true
  work
  succeeded
  sed -i '$d' "$STEPS"
  work
  succeeded
  [ "$(result committed)" = true ]
  health qa1 | grep -x "branch branches/checkout-2"
  cluster_is_tidy
  # And once that is there, a worker finds nothing to do.
  cp "$STEPS" "$BATS_TEST_TMPDIR/steps"
  work
  cmp "$STEPS" "$BATS_TEST_TMPDIR/steps"
}

@test "killed in a build without a database, before and after" {
  before=$(served qa1)
  build_job qa1 shop trunk none true
  run drive checkout kill
  work
  [ "$(outcome)" = requeue ]
  [ "$(served qa1)" = "$before" ]
  end_job
  build_job qa1 shop trunk none true
  run drive prepare kill
  work
  succeeded
  health qa1 | grep -x "branch trunk"
}

@test "a third death fails, a cancelled job's death is a cancel" {
  build_job qa1 shop trunk newest true "" '{"attempt": 3}'
  run drive render kill
  work
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = render ]
  build_job qa1 shop trunk newest true "" \
    '{"cancel": {"user": "bob", "at": "2026-11-22T20:00:00Z"}}'
  run drive render kill
  work
  [ "$(outcome)" = cancelled ]
  cluster_is_tidy
}

@test "cancel and stop put everything back, and give the copy back" {
  before=$(served qa1)
  for step in preflight database checkout render prepare; do
    build_job qa1 shop branches/checkout-2 newest true
    run drive "$step" cancel
    [ "$status" = 0 ]
    [ "$(outcome)" = cancelled ]
    [ "$(grep -c '^ask copies' <<<"$output")" = \
      "$(grep -c '^give copies' <<<"$output")" ]
    [ "$(served qa1)" = "$before" ]
    cluster_is_tidy
    end_job
  done
  build_job qa1 shop branches/checkout-2 newest true
  run drive checkout stop
  [ "$(outcome)" = requeue ]
  [ "$(served qa1)" = "$before" ]
}

@test "after the commit was granted a cancel changes nothing" {
  build_job qa1 shop branches/checkout-2 newest true
  run drive switch cancel
  succeeded
}

@test "the cluster gone in the swap: unsettled, then settled" {
  before=$(served qa1)
  build_job qa1 shop trunk newest true
  begin_driven switch none
  hold_database shop_qa1
  for _ in $(seq 900); do
    if log_of 2>/dev/null | grep -q 'switch changed on'; then break; fi
    sleep 0.05
  done
  LAB_DIR=$LAB_DIR "$LAB/postgres.sh" stop
  release_database || true
  ended
  [ "$status" = 75 ]
  run work
  [ "$status" = 75 ]
  "$LAB/postgres.sh" start
  run work
  [ "$status" = 0 ]
  [ "$(outcome)" = requeue ]
  [ "$(served qa1)" = "$before" ]
  cluster_is_tidy
}

@test "a copy whose mark its owner takes fails the build and holds no server" {
  before=$(served qa1)
  build_job qa1 shop branches/checkout-2 newest true
  work >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
  worker=$!
  for _ in $(seq 900); do
    if grep -q '"step":"database","event":"end"' "$STEPS"; then break; fi
    sleep 0.02
  done
  copy=$(sql "SELECT datname FROM pg_database WHERE datname ~ '_s_shop_.*_$N\$'")
  sql "COMMENT ON DATABASE \"$copy\" IS 'mine'"
  wait "$worker" || :
  [ "$(outcome)" = failed ] || { cat "$BATS_TEST_TMPDIR/out"; false; }
  [ "$(result failed_step)" = switch ]
  [ "$(served qa1)" = "$before" ]
  cluster_is_tidy
}

@test "the guest gone before the switch is settled: unsettled, then settled" {
  build_job qa1 shop trunk newest true
  run drive restart kill
  [ "$status" = 137 ]
  pid=$(cat "$LAB_DIR/run/qa1-sshd.pid")
  kill -STOP "$pid"
  run work
  kill -CONT "$pid"
  [ "$status" = 75 ]
  run work
  [ "$status" = 0 ]
  succeeded
  health qa1 | grep -x "branch trunk"
}

@test "two workers on one job: the second keeps its hands off" {
  build_job qa1 shop trunk newest true
  drive checkout none >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
  driver=$!
  for _ in $(seq 600); do [ -s "$STEPS" ] && break; sleep 0.05; done
  run work
  [ "$status" = 1 ]
  [[ "$output" == *"held by process"* ]]
  wait "$driver"
  succeeded
}
