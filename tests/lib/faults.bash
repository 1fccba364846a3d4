# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # status is bats's
# A worker killed at any instant, and what is true after every fault. Loaded
# after worker.bash. Three instants belong to each message to the cluster: before it
# is sent, when it is sent and its sender gone, when its answer is here and was
# never read (killer.cpp). FAULT_EVERY=N takes every N-th instant of a loop, 1
# all of them.

instants=(before sent answered)
KILLS=0

build_killer() {
  c++ -std=c++20 -shared -fPIC -Wall -Wextra -Werror \
    -o "$LAB_DIR/tmp/killer.so" "$top/tests/worker/killer.cpp"
}

# faults_start: in setup_file, when the bases are there. The cluster gets
# neighbours.
faults_start() {
  build_killer
  sql "SELECT 1 FROM pg_database WHERE datname = 'somebodys'" | grep -q 1 || {
    sql "CREATE DATABASE somebodys OWNER shop TEMPLATE template0"
    sql "COMMENT ON DATABASE somebodys IS 'keep this'"
    sql "CREATE DATABASE berth_11111111_b_blog_20260101000000
      TEMPLATE template0"
  }
  strangers >"$BATS_FILE_TMPDIR/strangers"
}

# --- the kill -------------------------------------------------------------

# preloaded WORD=VALUE... -- ARGUMENT...: berth-worker with killer.so.
preloaded() {
  local settings=()
  while [ "$1" != -- ]; do settings+=("KILL_$1"); shift; done
  shift
  in_lab -u berth env LD_PRELOAD="$LAB_DIR/tmp/killer.so" "${settings[@]}" \
    "$LAB_DIR/usr/sbin/berth-worker" "$@"
}

# worker_is ARGUMENT...: of the berth-worker that is killed.
worker_is() { words_=("$@"); }

# each_instant IN FROM TO EVERY KILLED SURVIVED [WORD=VALUE]: kills at every
# EVERY-th instant of the messages FROM to TO of the process IN; TO 0: until
# nothing is left to kill. Before each, `order` makes the job and says whose it
# is, by worker_is; after a kill KILLED is called, after none SURVIVED. Counts
# KILLS; COUNT is how many messages the last survivor sent.
each_instant() {
  local in=$1 from=$2 to=$3 every=$4 killed=$5 survived=$6 i n when lived=0
  local trace=$LAB_DIR/tmp/messages
  shift 6
  for ((i = from * 3 + every / 2; to == 0 || i < to * 3 + 3; i += every)); do
    n=$((i / 3)) when=${instants[i % 3]}
    order
    rm -f "$trace"
    run preloaded IN="$in" AT="$n" WHEN="$when" TRACE="$trace" "$@" -- \
      "${words_[@]}"
    # Of a step that died alone the worker tells.
    [[ "$*" != *ALONE* ]] || ! grep -q "exited without a result" "$STEPS" ||
      status=137
    if [ "$status" = 137 ]; then
      echo "killed at message $n of $in, $when: $(tail -n 1 "$trace")"
      KILLS=$((KILLS + 1)) lived=0
      "$killed"
    else
      echo "not killed at message $n of $in, $when: $status $output"
      COUNT=$(grep -c "^$in " "$trace")
      "$survived"
      # The end of a connection has no answer; and no two runs send as many.
      lived=$((lived + 1))
      [ "$to" != 0 ] || [ "$n" -lt "$COUNT" ] ||
        [ "$lived" -lt $((every < 3 ? 4 : 1)) ] || break
    fi
  done
}

# some_instants IN EVERY LAST EVERY_LAST KILLED SURVIVED: for make check: the
# first each_instant, and one by EVERY_LAST of the last LAST messages, where
# what counts is. With FAULT_EVERY all of them, or so many.
some_instants() {
  each_instant "$1" 1 0 "${FAULT_EVERY:-$2}" "$5" "$6"
  [ -n "${FAULT_EVERY:-}" ] ||
    each_instant "$1" $((COUNT - $3)) "$COUNT" "$4" "$5" "$6"
}

# each_fsync KILLED SURVIVED: the same at every second fsync from the record of
# switch's start on; with FAULT_EVERY at each.
each_fsync() {
  local n all step=2
  strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
  order
  traced -s 200 -e trace=write,fsync
  "$2"
  [ -z "${FAULT_EVERY:-}" ] || step=1
  mapfile -t all < <(fsyncs_in_switch)
  for ((n = 0; n < ${#all[@]}; n += step)); do
    order
    run traced -e trace=fsync -e inject="fsync:signal=KILL:when=${all[n]}"
    echo "fsync ${all[n]}: $status"
    [ "$status" = 137 ] || { "$2"; continue; }
    KILLS=$((KILLS + 1))
    "$1"
  done
}
fsyncs_in_switch() {
  awk '
    index($0, "write(") == 1 && /\\"step\\":\\"switch\\",\\"event\\":\\"start/ {
      on = 1 }
    index($0, "fsync(") == 1 { n++; if (on) print n }' "$LAB_DIR/tmp/trace"
}

# --- and what is true after it --------------------------------------------

# Every database that is not Berth's, as it is.
strangers() {
  local site
  site=$(cat "${STATE_DIR%/state}/site")
  sql "SELECT datname, oid, pg_get_userbyid(datdba), datallowconn,
    datistemplate, datconnlimit, datacl, shobj_description(oid, 'pg_database')
    FROM pg_database WHERE datname !~ '^berth_${site%%-*}_' AND
    coalesce(shobj_description(oid, 'pg_database'), '') !~ '\"site\":\"$site\"'
    ORDER BY 1"
}

# What no cluster has that tidy is done with: half of anything, copies that
# nobody waits for, trash whose time is over, doors that are shut.
left_over() {
  local site
  site=$(cat "${STATE_DIR%/state}/site")
  sql "SELECT datname, marker FROM (SELECT *, CASE WHEN text LIKE '{%'
      THEN text::json END AS marker, substr(datname, 16, 1) AS letter
      FROM (SELECT *, shobj_description(oid, 'pg_database') AS text
        FROM pg_database) AS all_of_them) AS d
    WHERE datconnlimit = -2
    OR datname ~ '^berth_${site%%-*}_' AND (marker IS NULL
      OR letter = 'b' AND (marker->>'state' <> 'ready' OR datconnlimit <> 0
        OR datallowconn)
      OR letter = 's' AND (marker->>'state' <> 'ready' OR datallowconn
        OR marker->>'server' IS NOT NULL)
      OR letter = 't' AND (marker->>'kind' <> 'trash' OR
        coalesce((marker->>'undo_until')::timestamptz <= now(), true)))
    OR marker->>'kind' = 'live' AND NOT datallowconn"
}

# Nobody's database was touched, and at most one tidy makes ours clean. Once the
# job's file is gone: until then tidy lets alone what is the job's.
cluster_is_whole() {
  diff "$BATS_FILE_TMPDIR/strangers" <(strangers)
  [ -z "$(left_over)" ] || worker tidy db1
  [ -z "$(left_over)" ] || { left_over; return 1; }
}

# lets_in SERVER: within half a minute the application is let in; prints its
# rows.
lets_in() {
  local end=$((SECONDS + 30)) rows
  until rows=$(PGCONNECT_TIMEOUT=2 psql -XAtqh "$PGHOST" -p "$PGPORT" \
    -U shop -d "shop_$1" -c 'SELECT count(*) FROM catalogue_sale' 2>&1); do
    [ "$SECONDS" -lt "$end" ] || { echo "$rows"; return 1; }
    sleep 0.1
  done
  echo "$rows"
}

# live_of SERVER: OID and job of its database.
live_of() {
  sql "SELECT oid, shobj_description(oid, 'pg_database')::json->>'job'
    FROM pg_database WHERE datname = 'shop_$1'"
}

# says_which SERVER LIVE: job N has ended, and what live_of said before it was
# LIVE. The database is the old one or the job's, the result, which becomes the
# line of history, says which, and it lets people in.
says_which() {
  local now
  now=$(live_of "$1")
  if [ "$(result committed)" = true ]; then
    [ "$now" = "$(result configuration.database.oid)|$N" ]
    [ "$now" != "$2" ]
  else
    [ "$now" = "$2" ] || { echo "was $2, is $now"; return 1; }
  fi
  [ "$(lets_in "$1")" = 120000 ]
}
