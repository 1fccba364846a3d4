#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Undo and keep on the lab. A server's last switch goes back whole, and an undo
# of the undo brings it again, so the faults at the end go to and fro: each kill
# leaves the one or the other whole, and the record says which. All instants of
# its messages to the cluster are taken with FAULT_EVERY=1.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/faults

setup_file() {
  worker_start
  publish_shop
  faults_start
  build_qa1 trunk newest true
  mark A
  build_qa1 branches/checkout-2 newest true
  mark B
}
teardown_file() { worker_stop; }
setup() { lab_env; }
teardown() { rm -f "$SPOOL_DIR/active/"*; }

# note_switch: the job's configuration is the newest; the one before is what an
# undo of it goes back to. LAST, CHECKOUT and DATABASE are of the newest.
note_switch() {
  succeeded
  local t=$BATS_FILE_TMPDIR
  [ ! -f "$t/now.json" ] || mv "$t/now.json" "$t/before.json"
  result configuration >"$t/now.json"
  printf '%s\n' "LAST=$N CHECKOUT=$1 DATABASE=$2" >"$t/last"
  end_job
}

# build_qa1 PATH DATABASE CHECKOUT [REVISION]
build_qa1() {
  build_job qa1 shop "$@"
  work
  note_switch "$3" "$([ "$2" = none ] && echo false || echo true)"
}

# undo_job [MEMBERS [JQ]]: of the last switch; JQ changes the arguments.
undo_job() {
  # shellcheck disable=SC1091
  . "$BATS_FILE_TMPDIR/last"
  put_job undo qa1 shop "$(jq -n --argjson job "$LAST" \
    --argjson checkout "$CHECKOUT" --argjson database "$DATABASE" \
    --slurpfile previous "$BATS_FILE_TMPDIR/before.json" \
    '{job: $job, checkout: $checkout, database: $database,
      previous: $previous[0]}'" | ${2:-.}")" "${1:-{\}}"
}

undo() {
  undo_job
  work
  note_switch "$CHECKOUT" "$DATABASE"
}

# mark NAME: the data that is live now.
mark() {
  sql_in shop_qa1 "UPDATE catalogue_product SET name = '$1' WHERE id = 1"
}

# What the server serves, from which database, and the files of the switch.
server_picture() {
  served qa1
  sql "SELECT oid, datallowconn, pg_get_userbyid(datdba) FROM pg_database
    WHERE datname = 'shop_qa1'"
  # shellcheck disable=SC2016 # for the shell inside
  in_lab sh -c 'cd "$1/etc" && sha1sum shop/* apache2/sites-available/*' - \
    "$LAB_DIR/guests/qa1"
}
# shows NAME: first keeps the server_picture of that name, then compares.
shows() {
  if [ -f "$BATS_FILE_TMPDIR/$1.server_picture" ]; then
    diff "$BATS_FILE_TMPDIR/$1.server_picture" <(server_picture)
  else
    server_picture >"$BATS_FILE_TMPDIR/$1.server_picture"
  fi
}

live() {
  sql "SELECT shobj_description(oid, 'pg_database') FROM pg_database
    WHERE datname = 'shop_qa1'" | jq -r ".$1"
}
# former: the name of what the last switch put into the trash.
former() {
  # shellcheck disable=SC1091
  . "$BATS_FILE_TMPDIR/last"
  sql "SELECT datname FROM pg_database WHERE datname ~ '_t_[0-9]+_$LAST\$'"
}
former_marker() {
  sql "SELECT shobj_description(oid, 'pg_database') FROM pg_database
    WHERE datname = '$(former)'"
}
set_former() {
  sql "COMMENT ON DATABASE $(former) IS '$(former_marker | jq -c "$1")'"
}

# refused WORDS: in preflight, and nothing has changed.
refused() {
  [ "$(outcome)" = failed ] || { log_of; false; }
  [ "$(result failed_step)" = preflight ]
  [ "$(result committed)" = false ]
  [[ "$(result detail)" == *"$1"* ]] || { result detail; false; }
  end_job
}

@test "an undo brings data, slot and files back, whole" {
  shows B
  health qa1 | grep -x "first_product B"
  undo_job
  work
  log_of
  succeeded
  [ "$(jq -r 'select(.event == "end" and .state == "done") | .step' \
    "$STEPS" | xargs)" = "preflight switch restart verify" ]
  [ "$(result committed)" = true ]
  [ "$(result configuration.path)" = trunk ]
  [ "$(result configuration.job)" = "$N" ]
  [ "$(result configuration.verified)" = true ]
  [ "$(result configuration.database.oid)" = \
    "$(jq .database.oid "$BATS_FILE_TMPDIR/before.json")" ]
  [ "$(live job)" = "$N" ]
  [ "$(live undo_until)" = null ]
  note_switch true true
  health qa1 | grep -x "branch trunk"
  health qa1 | grep -x "first_product A"
  shows A
  [ "$(former_marker | jq -r .kind)" = trash ]
  [ "$(former_marker | jq '.undo_until > (now + 3000 | todate)')" = true ]
  cluster_is_tidy
}

@test "an undo of the undo brings the build again" {
  undo
  shows B
  undo
  shows A
}

@test "a build of the database alone, and of the checkout alone, are undone" {
  build_qa1 "" newest false
  health qa1 | grep -vx "first_product A" >/dev/null
  health qa1 | grep -x "branch trunk"
  undo
  shows A
  build_qa1 branches/checkout-2 none true
  health qa1 | grep -x "branch branches/checkout-2"
  undo
  shows A
  undo
  health qa1 | grep -x "branch branches/checkout-2"
  health qa1 | grep -x "first_product A"
  undo
  shows A
}

@test "keep makes it later, never sooner, and at most longest_undo" {
  build_qa1 trunk newest true
  until=$(former_marker | jq -r .undo_until)
  put_job keep qa1 shop '{"hours": 0.1}'
  work
  succeeded
  [[ "$(result detail)" == *"is kept until $until" ]]
  [ "$(former_marker | jq -r .undo_until)" = "$until" ]
  for hours in 24 8000; do
    put_job keep qa1 shop "{\"hours\": $hours}"
    work
    succeeded
    [ "$(result configuration)" = null ]
    [ "$hours" -lt 168 ] || hours=168
    [ "$(former_marker | jq --argjson h $hours '.undo_until | fromdate - now
      | . > $h * 3600 - 60 and . <= $h * 3600')" = true ]
  done
  put_job keep qa2 shop '{"hours": 1}'
  work
  [ "$(outcome)" = failed ]
  undo
  shows A
}

@test "what cannot be undone is refused, and nothing changes" {
  undo_job '{}' '.job -= 1'
  work
  refused "the last switch on it was that of job $LAST"
  undo_job '{}' '.previous = null'
  work
  refused "no configuration before it"
  undo_job '{}' '.previous.application = "shopgit"'
  work
  refused "the server ran shopgit before it"
  undo_job '{}' '.previous.revision = "7"'
  work
  refused "build trunk@7 again"
  undo_job '{}' '.previous.database.oid = 17'
  work
  refused "had OID 17"
  until=$(former_marker | jq -c '{undo_until}')
  set_former '.undo_until = "2026-11-22T19:59:59Z"'
  undo_job
  work
  refused "it was kept only until 2026-11-22T19:59:59Z"
  set_former ". + $until"
  sql "ALTER DATABASE $(former) OWNER TO postgres"
  undo_job
  work
  refused "it is owned by postgres"
  sql "ALTER DATABASE $(former) OWNER TO berth"
  slot=$(in_lab chroot "$LAB_DIR/guests/qa1" readlink -f \
    /usr/local/sbin/berth-guest)
  slot=$LAB_DIR/guests/qa1${slot%/*}/berth-guest.d/slot.bash
  in_lab cp -p "$slot" "$slot~"
  # shellcheck disable=SC2016 # bash of the guest
  in_lab sed -i 's/\\"undo\\":$undo,//' "$slot"
  undo_job
  work
  in_lab mv "$slot~" "$slot"
  refused "update berth-guest"
  shows A
}

@test "a slot that a later build has written to is refused" {
  build_job qa1 shop trunk newest true
  run drive render cancel
  [ "$(outcome)" = cancelled ]
  end_job
  undo_job
  work
  refused "again"
  shows A
}

@test "trash that has been dropped is refused" {
  build_qa1 trunk newest true
  mark C
  server_picture >"$BATS_FILE_TMPDIR/C.server_picture"
  set_former '.undo_until = "2026-11-22T21:00:00Z"'
  name=$(former)
  worker tidy db1
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname = '$name'")" = 0 ]
  undo_job
  work
  refused "it no longer exists"
  shows C
}

@test "cancelled before the commit point it is as it was, after it too late" {
  build_qa1 branches/checkout-2 newest true
  mark D
  server_picture >"$BATS_FILE_TMPDIR/D.server_picture"
  undo_job
  run drive preflight cancel
  [ "$(outcome)" = cancelled ]
  shows D
  end_job
  undo_job
  run drive preflight stop
  [ "$(outcome)" = requeue ]
  shows D
  end_job
  undo_job
  run drive switch cancel
  note_switch true true
  shows C
}

where() { if shows C >/dev/null; then HERE=C; else HERE=D; fi; }

@test "a swap that times out on a lock is put back on the guest too" {
  where
  undo_job
  coproc HOLDER { psql -XAtqh "$PGHOST" -p "$PGPORT" -U postgres -d postgres; }
  printf '%s\n' 'BEGIN;' \
    "COMMENT ON DATABASE $(former) IS '$(former_marker)';" \
    'SELECT 1;' >&"${HOLDER[1]}"
  read -r -u "${HOLDER[0]}" -t 10 _
  pid=$HOLDER_PID
  run work
  printf '%s\n' 'ROLLBACK;' '\q' >&"${HOLDER[1]}"
  wait "$pid"
  [ "$(outcome)" = failed ] || { log_of; false; }
  [ "$(result failed_step)" = switch ]
  [ "$(result committed)" = false ]
  log_of | grep "switch changed on the guest"
  shows "$HERE"
  end_job
}

# to_and_fro [settled]: after a kill, one more worker; what it says has to be
# so. C and D change places when it went on.
to_and_fro() {
  [ "${1:-}" = settled ] || work
  case $(outcome) in
    requeue)
      shows "$HERE"
      [ "$(result committed)" = false ]
      rolled=$((rolled + 1))
      end_job
      ;;
    succeeded)
      note_switch "$CHECKOUT" "$DATABASE"
      if [ "$HERE" = C ]; then HERE=D; else HERE=C; fi
      shows "$HERE"
      forward=$((forward + 1))
      ;;
    *) log_of; false ;;
  esac
  cluster_is_tidy
}

@test "killed in any step, one more worker puts back or goes on" {
  rolled=0 forward=0
  where
  for step in preflight switch restart verify; do
    undo_job
    run drive "$step" kill
    [ "$status" = 137 ]
    to_and_fro
  done
  [ "$rolled" -ge 1 ]
  [ "$forward" -ge 2 ]
}

# order: the undo of what the last one did.
order() {
  where
  LIVE=$(live_of qa1)
  undo_job
  worker_is job "$F"
}
settled() {
  lets_in qa1
  work
  says_which qa1 "$LIVE"
  to_and_fro settled
  cluster_is_whole
}
as_asked() {
  says_which qa1 "$LIVE"
  note_switch "$CHECKOUT" "$DATABASE"
  cluster_is_whole
}
tell() {
  echo "# $1: $KILLS kills, $rolled rolled back, $forward forward" >&3
  [ "$KILLS" -ge 3 ]
}

@test "killed at every fsync from switch on" {
  rolled=0 forward=0
  each_fsync settled as_asked
  tell fsync
}

@test "killed at every message to the cluster" {
  rolled=0 forward=0
  some_instants job 48 2 3 settled as_asked
  tell "messages of an undo"
}

@test "without a database the guest's own commit decides after a kill" {
  server_picture >"$BATS_FILE_TMPDIR/D.server_picture"
  build_qa1 trunk none true 20
  server_picture >"$BATS_FILE_TMPDIR/C.server_picture"
  rolled=0 forward=0
  HERE=C
  for step in preflight switch restart verify; do
    undo_job
    run drive "$step" kill
    [ "$status" = 137 ]
    to_and_fro
  done
  # In the middle of the guest's undo, and when it has just ended.
  for delay in 150 250 350; do
    undo_job
    run drive switch kill "$delay"
    [ "$status" = 137 ]
    to_and_fro
  done
  echo "# $rolled rolled back, $forward forward" >&3
  [ "$forward" -ge 2 ]
}
