#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of a build's worker at every fsync it makes from the start of switch
# on, and at each of the three instants of every message that it sends to the
# cluster, first to last: in preflight, in the database step (the step's process
# with its worker, and alone; with a spare to claim, and without) and in switch.
# After one more worker on the same job the server is the old or the new build
# whole, and the record says which. FAULT_EVERY=1 takes all of them.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/faults

setup_file() {
  worker_start
  publish_shop
  faults_start
  build_job qa2 shop trunk newest true
  work
  succeeded
  end_job
}
teardown_file() { worker_stop; }
setup() {
  lab_env
  FORWARD=0 BACK=0
}
teardown() {
  rm -f "$SPOOL_DIR/active/"*
  in_lab rm -rf "$LAB_DIR/etc/berth/claim"
  [ ! -f "$LAB_DIR/tmp/conf" ] ||
    in_lab mv "$LAB_DIR/tmp/conf" "$LAB_DIR/etc/berth/berth.conf"
}

# order: a build of the other path than what is served, or of data alone.
order() {
  [ -z "${GENERATION:-}" ] || {
    put_job spare "" shop "{\"generation\": \"$GENERATION\"}"
    work
    succeeded
    end_job
  }
  BEFORE=$(served qa2) LIVE=$(live_of qa2)
  TO=trunk
  [[ "$BEFORE" != *"branch trunk"* ]] || TO=branches/checkout-2
  if [ -n "${DATA_ALONE:-}" ]; then
    TO=
    build_job qa2 shop "" newest false
  else
    build_job qa2 shop "$TO" newest true
  fi
  worker_is job "$F"
}

# settled: after a kill.
settled() {
  lets_in qa2
  work
  old_or_new
}
old_or_new() {
  case $(outcome) in
    requeue)
      [ "$(result committed)" = false ]
      [ "$(served qa2)" = "$BEFORE" ]
      BACK=$((BACK + 1))
      ;;
    succeeded)
      [ "$(result committed)" = true ]
      [ -z "$TO" ] || health qa2 | grep -qx "branch $TO"
      health qa2 | grep -qx "rows 120000"
      FORWARD=$((FORWARD + 1))
      ;;
    *) log_of; false ;;
  esac
  says_which qa2 "$LIVE"
  end_job
  cluster_is_whole
}
as_asked() {
  [ "$(result committed)" = true ]
  old_or_new
  FORWARD=$((FORWARD - 1))  # of the kills only
}
tell() {
  echo "# $1: $KILLS kills, $BACK rolled back, $FORWARD forward" >&3
  [ "$KILLS" -ge 3 ]
}

@test "killed at every fsync from switch on" {
  each_fsync settled as_asked
  tell fsync
}

@test "killed at every message in preflight and switch" {
  some_instants job 48 2 3 settled as_asked
  tell "messages of a build's worker"
}

# database_step NAME [WORD=VALUE]: of builds of data alone.
database_step() {
  local name=$1
  shift
  DATA_ALONE=1
  in_lab install -d "$LAB_DIR/etc/berth/claim/shop"
  echo "CREATE TABLE claimed AS SELECT current_setting('berth.server');" \
    >"$LAB_DIR/etc/berth/claim/shop/10-claimed.sql"
  each_instant database 1 0 "${FAULT_EVERY:-$EVERY}" "$KILLED" as_asked "$@"
  tell "$name"
}

@test "killed at every message of the database step that copies" {
  EVERY=31 KILLED=settled database_step "copying in a build"
}

@test "killed at every message of the database step that claims a spare" {
  # Of the published generation; each order wants one that waits.
  GENERATION=$(sql "SELECT max(right(datname, 14)) FROM pg_database
    WHERE datname ~ '_b_shop_'")
  in_lab cp -p "$LAB_DIR/etc/berth/berth.conf" "$LAB_DIR/tmp/conf"
  in_lab sed -i '/^\[application.shop\]/a spares = 1' \
    "$LAB_DIR/etc/berth/berth.conf"
  EVERY=31 KILLED=settled database_step "claiming in a build"
}

# The worker lives on, and puts back what its step left.
failed_by_itself() {
  [ "$(outcome) $(result failed_step)" = "failed database" ]
  [ "$(result committed)" = false ]
  [ "$(served qa2)" = "$BEFORE" ]
  says_which qa2 "$LIVE"
  BACK=$((BACK + 1))
  end_job
  cluster_is_whole
}

@test "the database step's process alone killed: the build fails, whole" {
  EVERY=43 KILLED=failed_by_itself database_step "the step alone" ALONE=1
}
