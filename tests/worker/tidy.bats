#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The chore tidy and the jobs adopt and drop, as berth, on the lab's cluster;
# doctor there. Tidy is killed at every message it sends: one more makes the
# cluster clean, and what Berth did not make is as it was. All instants of those
# messages are taken with FAULT_EVERY=1.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/faults

setup_file() {
  worker_start postgres
  publish_shop
  build_killer
  host_has qa1 qa2 qa3
  worker tidy db1
}
teardown_file() { worker_stop; }
setup() {
  lab_env
  LIB=${STATE_DIR%/state}
  SITE=$(cat "$LIB/site")
  US=berth_${SITE%%-*}
}
teardown() { rm -f "$SPOOL_DIR/active/"* "$SPOOL_DIR/queue/"*; }

# A state file as berth-watch writes it.
host_has() {
  local body file
  lab_env
  body=$(jq -cn '{version: 1, host: "lab1", uri: "x", connected: true,
    reason: null, as_of: "2026-11-22T20:00:00Z", domains: [$ARGS.positional[] |
      {name: ., server: ., state: "running", uuid: "u", addresses: [],
       vcpus: 1, memory: 1}]}' --args "$@")
  file=$STATE_DIR/hosts/lab1.json
  printf '%032d %d\n%s' 1 "${#body}" "$body" >"$file"
  chmod 0644 "$file"
}

cluster_state() { tail -n +2 "$STATE_DIR/clusters/db1.json" | jq -r "$1"; }

# marker KIND STATE JOB [SERVER] [UNTIL] [GENERATION] [SITE]
marker() {
  jq -cn --arg kind "$1" --arg state "$2" --argjson job "$3" \
    --arg server "${4:-}" --arg until "${5:-}" \
    --arg generation "${6:-20260101000000}" --arg site "${7:-$SITE}" \
    '{berth: 1, site: $site, kind: $kind, state: $state, application: "shop",
      generation: $generation, job: $job, data_at: null,
      server: (if $server == "" then null else $server end),
      undo_until: (if $until == "" then null else $until end)}'
}

# put NAME OWNER [MARKER]: SQL that makes a small database.
put() {
  echo "CREATE DATABASE \"$1\" OWNER $2 TEMPLATE template0 STRATEGY wal_log;"
  [ -z "${3:-}" ] || echo "COMMENT ON DATABASE \"$1\" IS '$3';"
}
# put_trash MARKER [SITE8] [OWNER]: SQL; a database becomes trash of job 3, as a
# Berth of before left it, or, with OWNER, as one does today.
put_trash() {
  put candidate "${3:-shop}" "$1"
  [ -z "${3:-}" ] || echo "ALTER DATABASE candidate ALLOW_CONNECTIONS false;"
  echo "SELECT format('ALTER DATABASE candidate RENAME TO %I',
    '${2:-$US}_t_' || oid || '_3') FROM pg_database
    WHERE datname = 'candidate' \\gexec"
}
run_sql() {
  psql -XAtqh "$PGHOST" -p "$PGPORT" -U postgres -d postgres \
    -v ON_ERROR_STOP=1
}

past=2026-01-01T00:00:00Z
other_site=11111111-cda3-41d4-9d98-2bf1e68cc5c2

# What crashes and time leave of this site, and what must stay of others.
mess() {
  {
    put "${US}_s_shop_20260101000000_900" shop "$(marker spare claimed 900 qa1)"
    put "${US}_s_shop_20260101000000_901" shop
    put "${US}_s_shop_20260101000000_902" berth "$(marker spare ready 902)"
    echo "ALTER DATABASE ${US}_s_shop_20260101000000_902
      ALLOW_CONNECTIONS false;"
    put "${US}_b_shop_20260101000000" berth "$(marker base loading 903)"
    put_trash "$(marker trash ready 3 qa1 "$past")"
    put_trash "$(marker trash ready 3 qa1 "$past")"
    echo "UPDATE pg_database SET datconnlimit = -2 WHERE oid =
      (SELECT max(oid::bigint) FROM pg_database WHERE datname ~ '_t_');"
    put shop_qa1 shop "$(marker live ready 5 qa1)"
    echo "ALTER DATABASE shop_qa1 ALLOW_CONNECTIONS false;"
  } | run_sql
}
# Once: other people's and another console's.
others() {
  local them=berth_${other_site%%-*}
  {
    put shop_qa2 shop "$(marker live ready 5 qa2 '' '' "$other_site")"
    echo "ALTER DATABASE shop_qa2 ALLOW_CONNECTIONS false;"
    put "${them}_s_shop_20260101000000_900" shop \
      "$(marker spare claimed 900 qa1 '' '' "$other_site")"
    put "${them}_b_shop_20260101000000" berth \
      "$(marker base loading 903 '' '' '' "$other_site")"
    put_trash "$(marker trash ready 3 qa1 "$past" '' "$other_site")" "$them"
    put shop_qa3 shop
    put somebodys shop
    echo "COMMENT ON DATABASE somebodys IS 'keep this';"
    echo "CREATE ROLE eve;"
    put "${US}_b_shop_20250101000000" eve
    put_trash "$(marker trash ready 3 qa3 "$(date -ud '+3 days' +%FT%TZ)")" \
      "$US" berth
  } | run_sql
}
seen() {
  sql "SELECT datname, oid, pg_get_userbyid(datdba), datallowconn,
    datistemplate, datconnlimit, shobj_description(oid, 'pg_database')
    FROM pg_database ORDER BY datname"
}
clear_up() {
  sql "SELECT datname FROM pg_database WHERE datname ~ '^(berth_|shop_qa|some)'
    AND datconnlimit <> 0" | while read -r name; do
    sql "DROP DATABASE IF EXISTS \"$name\" WITH (FORCE)"
  done
  sql "DROP ROLE IF EXISTS eve"
}

@test "one tidy clears what is left over and leaves the rest alone" {
  others
  before=$(seen)
  mess
  worker tidy db1
  sql "SELECT datallowconn FROM pg_database WHERE datname = 'shop_qa1'" |
    grep -x t
  [ "$(cluster_state '.live[0].database')" = shop_qa1 ]
  [ "$(cluster_state '.former[0].server')" = qa3 ]
  [ "$(cluster_state '.orphans | map(.name) | join(" ")')" = \
    "${US}_b_shop_20250101000000" ]
  sql "DROP DATABASE shop_qa1"
  [ "$(seen)" = "$before" ]
}

order() {
  case $ORDER in
    tidy)
      mess
      worker_is tidy db1
      ;;
    *)
      "order_$ORDER"
      worker_is job "$F"
      ;;
  esac
}
one_more() {
  worker tidy db1
  as_tidied
}
as_tidied() {
  sql "SELECT datallowconn FROM pg_database WHERE datname = 'shop_qa1'" |
    grep -x t
  sql "DROP DATABASE shop_qa1"
  diff <(echo "$SEEN") <(seen)
}

@test "killed at every message it sends, one more makes it clean" {
  SEEN=$(seen) ORDER=tidy
  each_instant tidy 1 0 "${FAULT_EVERY:-35}" one_more as_tidied
  echo "# messages of a tidy: $KILLS kills" >&3
  [ "$KILLS" -ge 5 ]
}

@test "two consoles on one cluster, at the same time, each its own" {
  second=$LAB_DIR/second
  mkdir -p "$second/etc"
  sed "s|$LAB_DIR/var|$second/var|; s|$LAB_DIR/run|$second/run|" \
    "$BERTH_CONFIG" >"$second/etc/berth.conf"
  for dir in drop drop-root receipts queue active bad lock; do
    mkdir -p "$second/var/spool/berth/$dir"
  done
  mkdir -p "$second/var/lib/berth/state" "$second/var/log/berth" \
    "$second/run/berth" "$second/var/cache/berth"
  echo "$other_site" >"$second/var/lib/berth/site"
  chown -R "$(in_lab id -u berth)" "$second"
  mess
  worker tidy db1 &
  ours=$!
  worker --config "$second/etc/berth.conf" tidy db1
  wait "$ours"
  worker tidy db1
  [ "$(sql "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database
    WHERE datname ~ '^berth_'" | sed 's/_t_[0-9]*_/_t_N_/;
      s/shop_20\(2[6-9]\|[3-9][0-9]\)[0-9]*/shop_G/')" = \
    "${US}_b_shop_20250101000000 ${US}_b_shop_G ${US}_t_N_3" ]
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname IN
    ('shop_qa1', 'shop_qa2', 'shop_qa3', 'somebodys') AND datallowconn")" = 4 ]
  sql "DROP DATABASE shop_qa1"
}

@test "an accepted undo keeps its server's trash, wherever its job lies" {
  put_trash "$(marker trash ready 3 qa1 "$past")" | run_sql
  name=$(sql "SELECT datname FROM pg_database WHERE datname ~ '^${US}_t_'
    AND shobj_description(oid, 'pg_database') LIKE '%qa1%'")
  put_job undo qa1 shop '{"job": 3, "checkout": false, "database": true,
    "previous": {}}'
  worker tidy db1
  sql "SELECT datname FROM pg_database" | grep -x "$name"
  mv "$F" "$SPOOL_DIR/queue/"
  worker tidy db1
  sql "SELECT datname FROM pg_database" | grep -x "$name"
  # Decided, and berthd died before the job was in the queue.
  token=0123456789abcdef0123456789abcdef
  jq '{version: 1, token: "'$token'", user: "alice", request: "x",
    outcome: "accepted", status: 201, detail: "", server: "qa1", job: .id,
    effects: [{kind: "job", job: .}], extra: {},
    at: "2026-11-22T20:00:00Z"}' "$SPOOL_DIR/queue/$N.json" \
    >"$SPOOL_DIR/receipts/$token.json"
  chmod 0644 "$SPOOL_DIR/receipts/$token.json"
  echo '{}' >"$SPOOL_DIR/drop/$token.json"
  rm "$SPOOL_DIR/queue/$N.json"
  worker tidy db1
  sql "SELECT datname FROM pg_database" | grep -x "$name"
  rm "$SPOOL_DIR/drop/$token.json"
  worker tidy db1
  [ -z "$(sql "SELECT datname FROM pg_database WHERE datname = '$name'")" ]
}

@test "a folder that a crashed server left is told with its size" {
  data=$LAB_DIR/postgres/data/base
  in_lab -u postgres sh -c 'mkdir "$1/99999" && head -c 8192 /dev/zero \
    >"$1/99999/1259"' - "$data"
  # Not while somebody makes a database: it could be that one.
  coproc HOLDER { psql -XAtqh "$PGHOST" -p "$PGPORT" -U postgres -d postgres; }
  echo 'BEGIN; LOCK TABLE pg_database IN ROW EXCLUSIVE MODE; SELECT 1;' \
    >&"${HOLDER[1]}"
  read -r -u "${HOLDER[0]}" -t 10 _
  pid=$HOLDER_PID
  worker tidy db1
  [ "$(cluster_state '.orphans[] | select(.kind == "directory") | .name')" = "" ]
  echo 'ROLLBACK; \q' >&"${HOLDER[1]}"
  wait "$pid"
  worker tidy db1
  [ "$(cluster_state '.orphans[] | select(.kind == "directory") |
    "\(.name) \(.size)"')" = "base/99999 8192" ]
  rm -r "$data/99999"
  # In a tablespace as well.
  run_sql <<<"SET allow_in_place_tablespaces = on;
    CREATE TABLESPACE aside LOCATION '';"
  aside=$(cd "$LAB_DIR/postgres/data" && echo pg_tblspc/*/PG_*)
  in_lab -u postgres mkdir "$LAB_DIR/postgres/data/$aside/99998"
  worker tidy db1
  [ "$(cluster_state '.orphans[] | select(.kind == "directory") | .name')" = \
    "$aside/99998" ]
  rm -r "${LAB_DIR:?}/postgres/data/$aside/99998"
  run_sql <<<"DROP TABLESPACE aside;"
  worker tidy db1
  [ "$(cluster_state '.orphans[] | select(.kind == "directory")')" = "" ]
}

@test "another server under the old name is published and not touched" {
  pin=$LIB/clusters/db1
  real=$(cat "$pin")
  mess
  before=$(seen)
  echo 7000000000000000001 >"$pin"
  worker tidy db1
  [ "$(cluster_state .reachable)" = false ]
  cluster_state .reason | grep -q "another PostgreSQL server.*remove $pin"
  [ "$(cluster_state '.bases | length')" -ge 1 ]
  [ "$(seen)" = "$before" ]
  worker doctor db1 | grep -q "^problem it is another PostgreSQL server"
  put_job drop "" "" "$(jq -n --arg d "${US}_b_shop_20250101000000" \
    '{cluster: "db1", database: $d}')"
  work
  [ "$(outcome)" = failed ]
  [ "$(seen)" = "$before" ]
  end_job
  echo "$real" >"$pin"
  worker tidy db1
  [ "$(cluster_state .reachable)" = true ]
  sql "DROP DATABASE shop_qa1"
}

@test "a second section for the same server is refused; a renamed one is not" {
  local conf=$LAB_DIR/etc/berth/berth.conf before
  cp "$conf" "$BATS_TEST_TMPDIR/conf"
  put shop_qa1 shop "$(marker live ready 5 qa1)" | run_sql
  before=$(seen)
  sed -n '/^\[cluster.db1\]/,/^$/p' "$BATS_TEST_TMPDIR/conf" |
    sed 's/cluster\.db1/cluster.db2/' >>"$conf"
  worker tidy db2
  tail -n +2 "$STATE_DIR/clusters/db2.json" | jq -r .reason |
    grep -q "\[cluster.db2\] and \[cluster.db1\] are the same PostgreSQL"
  worker doctor db2 | grep -q "^problem \[cluster.db2\] and \[cluster.db1\]"
  put_job drop "" "" '{"cluster": "db2", "database": "shop_qa1"}'
  work
  [ "$(outcome)" = failed ]
  result detail | grep -q "are the same PostgreSQL server"
  end_job
  [ "$(seen)" = "$before" ]
  worker tidy db1
  [ "$(cluster_state .reachable)" = true ]
  # The name db1 is not in the configuration any more.
  sed 's/\<db1\>/db2/' "$BATS_TEST_TMPDIR/conf" >"$conf"
  worker tidy db2
  [ "$(tail -n +2 "$STATE_DIR/clusters/db2.json" | jq -r '.reachable,
    ([.orphans[].name] | index("shop_qa1"))' | paste -sd ' ')" = "true null" ]
  cp "$BATS_TEST_TMPDIR/conf" "$conf"
  rm "$LIB/clusters/db2" "$STATE_DIR/clusters/db2.json"
  sql "DROP DATABASE shop_qa1"
}

@test "adopt shows, then takes what was shown; killed at any message" {
  put_job adopt qa3 shop '{"application": "shop", "oid": null}'
  work
  succeeded
  [ "$(result committed)" = false ]
  oid=$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa3'")
  result detail | grep -q "OID $oid,"
  log_of | grep -q "OID $oid, owner shop, [0-9]* MiB"
  end_job
  put_job adopt qa3 shop '{"application": "shop", "oid": 99999}'
  work
  [ "$(outcome)" = failed ]
  result detail | grep -q "its OID is $oid, not 99999"
  end_job
  OID=$oid ORDER=adopt
  each_instant job 1 0 "${FAULT_EVERY:-11}" adopted_again adopted
  echo "# messages of an adopt: $KILLS kills" >&3
  [ "$KILLS" -ge 3 ]
}

order_adopt() {
  put_job adopt qa3 shop "{\"application\": \"shop\", \"oid\": $OID}"
}
adopted_again() {
  work
  adopted
}
adopted() {
  succeeded
  [ "$(result committed)" = true ]
  [ "$(sql "SELECT shobj_description(oid, 'pg_database')::json->>'job'
    FROM pg_database WHERE oid = $OID")" = "$N" ]
  end_job
  sql "COMMENT ON DATABASE shop_qa3 IS NULL"
}

@test "drop takes an orphan and nothing else; killed at any message" {
  put_job drop "" "" '{"cluster": "db1", "database": "somebodys"}'
  work
  [ "$(outcome)" = failed ]
  result detail | grep -q "it is not Berth's"
  end_job
  before=$(seen)
  SEEN=$before ORDER=drop
  each_instant job 1 0 "${FAULT_EVERY:-13}" dropped_again dropped
  echo "# messages of a drop: $KILLS kills" >&3
  [ "$KILLS" -ge 3 ]
}

order_drop() {
  put shop_qa9 shop "$(marker live ready 5 qa9)" | run_sql
  put_job drop "" "" '{"cluster": "db1", "database": "shop_qa9"}'
}
dropped_again() {
  work
  dropped
}
dropped() {
  [ "$(outcome)" = succeeded ] || { result detail; false; }
  diff <(echo "$SEEN") <(seen)
  end_job
}

@test "doctor tells what is missing, and the SQL it prints mends it" {
  clear_up
  worker doctor db1 >"$BATS_TEST_TMPDIR/first"
  cat "$BATS_TEST_TMPDIR/first"
  [ -z "$(grep -vE '^(ok|problem|sql) .' "$BATS_TEST_TMPDIR/first")" ]
  grep -q '^ok PostgreSQL' "$BATS_TEST_TMPDIR/first"
  sql "REVOKE pg_signal_backend FROM berth;
    REVOKE EXECUTE ON FUNCTION pg_ls_dir(text) FROM berth;
    ALTER ROLE berth NOCREATEDB"
  worker doctor db1 >"$BATS_TEST_TMPDIR/second"
  [ "$(grep -c ^problem "$BATS_TEST_TMPDIR/second")" = \
    $(($(grep -c ^problem "$BATS_TEST_TMPDIR/first") + 3)) ]
  sed -n 's/^sql \(.*\)/\1;/p' "$BATS_TEST_TMPDIR/second" | run_sql
  worker doctor db1 >"$BATS_TEST_TMPDIR/third"
  run ! grep ^problem "$BATS_TEST_TMPDIR/third"
  # A refused statement says what to grant.
  sql "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC"
  worker tidy db1
  cluster_state .reason | grep -q \
    'GRANT EXECUTE ON FUNCTION pg_control_system() TO "berth"'
  sql "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC"
}
