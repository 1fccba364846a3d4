#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Spares: made while idle, claimed by builds, fitted out by the admin's SQL.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/faults

setup_file() {
  worker_start
  CLAIM=$LAB_DIR/etc/berth/claim/shop
  CONF=$LAB_DIR/etc/berth/berth.conf
  export CLAIM CONF
  in_lab cp "$CONF" "$CONF~"
  in_lab sed -i '/^\[application.shop\]/a spares = 2' "$CONF"
  put_job publish "" shop \
    '{"database": "shop_base", "data_at": "2026-11-22T03:40:00Z"}'
  work
  GENERATION=$(sql "SELECT right(datname, 14) FROM pg_database
    WHERE datname ~ '_b_shop_'")
  export GENERATION
  end_job
  faults_start
  # A first build, so that each later one has a live database to replace.
  build_job qa1 shop trunk newest true
  work
  end_job
}
teardown_file() { worker_stop; }
setup() { lab_env; }
teardown() {
  rm -f "$SPOOL_DIR/active/"*
  in_lab rm -rf "$CLAIM"
}

spare_job() {
  put_job spare "" shop "{\"generation\": \"$GENERATION\"}"
}
# The names of those that wait, by number.
spares() {
  sql "SELECT datname FROM pg_database d WHERE datname ~ '_s_shop_'
    AND NOT datallowconn AND pg_get_userbyid(datdba) = 'berth'
    AND shobj_description(oid, 'pg_database')::json->>'state' = 'ready'
    ORDER BY oid"
}
spare_count() { spares | grep -c . || true; }
claim_sql() {
  in_lab install -d "$CLAIM"
  cat >"$CLAIM/$1"
  chmod 0644 "$CLAIM/$1"
}

@test "a spare is made, by as many jobs as the application has spares" {
  for count in 1 2; do
    spare_job
    drive copy none >"$BATS_TEST_TMPDIR/asked"
    succeeded
    [ "$(result committed)" = true ]
    grep -x "ask copies:db1" "$BATS_TEST_TMPDIR/asked"
    grep -x "give copies:db1" "$BATS_TEST_TMPDIR/asked"
    [ "$(spare_count)" = "$count" ]
  done
  spare_job
  work
  succeeded
  [ "$(result committed)" = false ]
  [[ "$(result detail)" == *"it has 2 spares already"* ]]
  [ "$(spare_count)" = 2 ]
  # Nobody gets in, the application's role not either.
  run ! psql -XAtqh "$PGHOST" -p "$PGPORT" -U shop -d "$(spares | head -n 1)" \
    -c 'SELECT 1'
}

@test "a build claims a spare, asks for no copy, and the server has its data" {
  oids=$(sql "SELECT string_agg(oid::text, ' ') FROM pg_database
    WHERE datname ~ '_s_shop_'")
  before=$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa1'")
  build_job qa1 shop "" newest false
  drive database none >"$BATS_TEST_TMPDIR/asked"
  log_of
  succeeded
  run ! grep copies "$BATS_TEST_TMPDIR/asked"
  [ "$(spare_count)" = 1 ]
  oid=$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa1'")
  [[ " $oids " == *" $oid "* ]]
  [ "$oid" != "$before" ]
  health qa1 | grep -x "rows 120000"
  [ "$(sql "SELECT pg_get_userbyid(datdba) || datallowconn FROM pg_database
    WHERE datname = 'shop_qa1'")" = shoptrue ]
  log_of | grep -q "claimed spare .* as "
}

@test "without a spare a build copies, and asks for that" {
  build_job qa1 shop "" newest false
  work
  succeeded
  [ "$(spare_count)" = 0 ]
  build_job qa1 shop "" newest false
  drive database none >"$BATS_TEST_TMPDIR/asked"
  succeeded
  grep -x "ask copies:db1" "$BATS_TEST_TMPDIR/asked"
  health qa1 | grep -x "rows 120000"
}

@test "too little disk keeps a copy from being made, but no spare from use" {
  spare_job
  work
  in_lab sed -i 's/^disk_floor = "256M"/disk_floor = "900T"/' "$CONF"
  build_job qa1 shop "" newest false
  work
  succeeded
  build_job qa1 shop "" newest false
  work
  failed="$(result failed_step) $(result detail)"
  spare_job
  work
  in_lab sed -i 's/^disk_floor = "900T"/disk_floor = "256M"/' "$CONF"
  [[ "$failed" == "preflight "*"MiB are free"* ]]
  [ "$(outcome)" = failed ]
  [ "$(spare_count)" = 0 ]
}

@test "the admin's SQL runs in a claimed spare before anybody gets in" {
  spare_job
  work
  claim_sql 10-site.sql <<'EOS'
CREATE TABLE claimed AS SELECT current_setting('berth.server') AS server,
  current_setting('berth.generation') AS generation, current_user AS who;
SELECT pg_sleep(2);
EOS
  build_job qa1 shop "" newest false
  work &
  worker=$!
  # While it sleeps the application's role is kept out by CONNECT alone.
  tried=
  for _ in {1..100}; do
    name=$(sql "SELECT datname FROM pg_database WHERE datname ~ '_s_shop_'
      AND datallowconn")
    if [ -n "$name" ]; then
      tried=$(psql -XAtqh "$PGHOST" -p "$PGPORT" -U shop -d "$name" \
        -c 'SELECT 1' 2>&1) || true
      break
    fi
    sleep 0.05
  done
  wait "$worker"
  log_of
  succeeded
  [[ "$tried" == *"permission denied for database"* ]]
  [ "$(psql -XAtqh "$PGHOST" -p "$PGPORT" -U shop -d shop_qa1 \
    -c 'SELECT server, generation, who FROM claimed')" = \
    "qa1|$GENERATION|shop" ]
  # Everybody who could connect to the one before can connect to this one.
  [ "$(sql "SELECT has_database_privilege('public', 'shop_qa1', 'CONNECT')")" \
    = t ]
}

@test "a claim's script is followed by the views that read what it changed" {
  spare_job
  work
  claim_sql 10-view.sql <<'EOS'
CREATE TABLE place AS SELECT 'nowhere'::text AS name;
CREATE MATERIALIZED VIEW zz AS SELECT name FROM place;
CREATE MATERIALIZED VIEW aa AS SELECT name FROM zz;
UPDATE place SET name = current_setting('berth.server');
EOS
  build_job qa1 shop "" newest false
  work
  log_of
  succeeded
  log_of | grep -q "1 scripts and 2 materialized views in "
  [ "$(psql -XAtqh "$PGHOST" -p "$PGPORT" -U shop -d shop_qa1 \
    -c 'SELECT aa.name FROM aa, zz WHERE aa.name = zz.name')" = qa1 ]
}

@test "a script that fails fails the build; its copy never is a spare again" {
  spare_job
  work
  before=$(served qa1)
  oid=$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa1'")
  claim_sql 10-half.sql <<'EOS'
CREATE TABLE half AS SELECT 1 AS n;
SELECT 1 / 0;
EOS
  build_job qa1 shop trunk newest true
  work
  log_of
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = database ]
  [[ "$(result detail)" == *"10-half.sql"* ]]
  [ "$(spare_count)" = 0 ]
  cluster_is_tidy
  [ "$(served qa1)" = "$before" ]
  [ "$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa1'")" = "$oid" ]
  sql "SELECT 1 FROM pg_database WHERE datname ~ '_t_' AND
    shobj_description(oid, 'pg_database')::json->>'job' = '$N'" | grep -x 1
}

@test "a spare gives way to a build, and is made when it comes again" {
  spare_job
  drive copy yield >"$BATS_TEST_TMPDIR/asked"
  [ "$(outcome)" = requeue ]
  [ "$(spare_count)" = 0 ]
  cluster_is_tidy
  rm "$STEPS"
  work
  succeeded
  [ "$(spare_count)" = 1 ]
  spare_job
  drive copy cancel >/dev/null
  [ "$(outcome)" = cancelled ]
  [ "$(spare_count)" = 1 ]
}

order() {
  # Claimed by hand: the next round wants one made.
  for name in $(spares); do sql "DROP DATABASE \"$name\""; done
  spare_job
  worker_is job "$F"
}
settled() {
  work
  one_is_made
}
one_is_made() {
  [ "$(outcome) $(result committed)" = "succeeded true" ] || { log_of; false; }
  [ "$(spare_count)" = 1 ]
  end_job
  cluster_is_whole
}

@test "killed at every message of a spare: one more worker makes it" {
  each_instant job 1 0 "${FAULT_EVERY:-11}" settled one_is_made
  echo "# messages of a spare: $KILLS kills" >&3
  [ "$KILLS" -ge 5 ]
}

# No worker comes back: the job was cancelled, or its application is gone.
left_to_tidy() {
  end_job
  cluster_is_whole
  [ "$(spare_count)" -le 1 ]
}

@test "killed at every message of a spare, and never taken up: one tidy" {
  each_instant job 12 0 "${FAULT_EVERY:-11}" left_to_tidy one_is_made
  echo "# messages of a spare, no second worker: $KILLS kills" >&3
  [ "$KILLS" -ge 3 ]
}

@test "a superuser's session is told in preflight, and nothing is made" {
  psql -XAtqh "$PGHOST" -p "$PGPORT" -U postgres -d shop_qa1 \
    -c 'SELECT pg_sleep(60)' &
  admin=$!
  spares_before=$(spare_count)
  build_job qa1 shop "" newest false
  work
  kill "$admin"
  wait "$admin" || true
  [ "$(result failed_step)" = preflight ]
  [[ "$(result detail)" == *"as a superuser: SELECT pg_terminate_backend("* ]]
  [ "$(spare_count)" = "$spares_before" ]
  [ "$(psql -XAtqh "$PGHOST" -p "$PGPORT" -U shop -d shop_qa1 \
    -c 'SELECT 1')" = 1 ]
}

# A second cluster, PostgreSQL 18 on XFS with reflink, with a base of 200 MB.
on_18() {
  local started
  [ -d "$LAB_DIR/postgres18/socket" ] || {
    started=$("$LAB/postgres18.sh" start) || case $? in
      77) skip "$started" ;;
      *) return 1 ;;
    esac
    in_lab sed -n '/^\[application.shop\]/,/^DEBUG/p' "$CONF" |
      sed 's/application\.shop\>/application.shop18/
        s/^cluster = .*/cluster = "db18"/; s/^spares = .*/spares = 9/
        s/"shop_{server}"/"eighteen_{server}"/' >"$BATS_FILE_TMPDIR/conf18"
    printf '[cluster.db18]\nconninfo = "host=%s port=5418 user=berth %s"\n' \
      "$LAB_DIR/postgres18/socket" "dbname=postgres" |
      cat - "$BATS_FILE_TMPDIR/conf18" >>"$CONF"
    sql18 "CREATE DATABASE shop18_base OWNER shop TEMPLATE template0"
    psql -XAtqh "$LAB_DIR/postgres18/socket" -p 5418 -U shop -d shop18_base \
      -c "CREATE TABLE filler AS SELECT n, repeat(md5(n::text), 30) AS t
        FROM generate_series(1, 200000) n"
    put_job publish "" shop18 '{"database": "shop18_base", "data_at": null}'
    work
    end_job
  }
  BASE18=$(sql18 "SELECT datname FROM pg_database WHERE datname ~ '_b_shop18_'")
}
sql18() {
  psql -XAtqh "$LAB_DIR/postgres18/socket" -p 5418 -U postgres -d postgres \
    -c "$1"
}
spare_18() {
  put_job spare "" shop18 "{\"generation\": \"${BASE18: -14}\"}"
  work
  log_of
  succeeded
}
mib_used() {
  in_lab df --output=used -BM "$LAB_DIR/postgres18/disk" | tail -n 1 |
    tr -dc 0-9
}
rows_in_spares() {
  sql18 "SELECT count(*), min(pg_database_size(oid)) > 200000000
    FROM pg_database WHERE datname ~ '_s_shop18_'"
}

@test "PostgreSQL 18: a spare is a clone of the files and takes no room" {
  on_18
  before=$(mib_used)
  spare_18
  log_of | grep -q "a clone of the files"
  sql18 CHECKPOINT
  [ $(($(mib_used) - before)) -lt 60 ]
  [ "$(rows_in_spares)" = "1|t" ]
}

@test "PostgreSQL 18: where files cannot be cloned they are copied" {
  on_18
  # The base's files on another file system, as an admin moves a large one.
  oid=$(sql18 "SELECT oid FROM pg_database WHERE datname = '$BASE18'")
  data=$LAB_DIR/postgres18/disk/data
  "$LAB/postgres18.sh" stop
  # shellcheck disable=SC2016 # for the shell inside
  in_lab sh -c 'cp -a "$1/base/$2" "$3" && rm -r "$1/base/$2" &&
    ln -s "$3" "$1/base/$2"' - "$data" "$oid" "$LAB_DIR/postgres18/moved"
  "$LAB/postgres18.sh" start
  before=$(mib_used)
  spare_18
  log_of | grep -q "a clone of the files is not possible: .*cross-device"
  log_of | grep -q ", FILE_COPY"
  [ $(($(mib_used) - before)) -gt 150 ]
  [ "$(rows_in_spares)" = "2|t" ]
}

@test "PostgreSQL 18: what lies in a tablespace elsewhere is copied, too" {
  on_18
  in_lab install -d -o postgres -g postgres -m 0700 \
    "$LAB_DIR/postgres18/elsewhere"
  sql18 "CREATE TABLESPACE elsewhere
    LOCATION '$LAB_DIR/postgres18/elsewhere'"
  sql18 "CREATE DATABASE other_base OWNER shop TEMPLATE template0
    TABLESPACE elsewhere"
  psql -XAtqh "$LAB_DIR/postgres18/socket" -p 5418 -U postgres -d other_base \
    -c "CREATE TABLE near (n int) TABLESPACE pg_default;
      INSERT INTO near SELECT generate_series(1, 1000);
      ALTER TABLE near OWNER TO shop"
  put_job publish "" shop18 '{"database": "other_base", "data_at": null}'
  work
  end_job
  BASE18=$(sql18 "SELECT max(datname) FROM pg_database
    WHERE datname ~ '_b_shop18_'")
  spare_18
  [ "$(sql18 "SELECT spcname FROM pg_tablespace t JOIN pg_database d
    ON t.oid = d.dattablespace WHERE datname ~ '_s_shop18_${BASE18: -14}'")" = \
    elsewhere ]
}
