#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# database.sh [MiB...]: what a reload costs, in one run: pg_restore -j2,
# createdb --template with both strategies, Berth without a spare, with one,
# and its undo, for databases of these sizes (100 1024 4096); then the swap
# alone under two running copies and under 20 clients that reconnect. A table
# with ratios, and build/bench-database.tsv (name, value, unit).
#
# Berth's side are real jobs of berth-worker on a lab with one guest: no berthd.
# Its times are the worker's own records: of the step `database` (the copy, or
# the claim of a spare, from its process's start to its end) and of the swap
# (from the first session cut to COMMIT; connections and locks are had before
# the guest is touched, and disturb nobody). The rounds are interleaved, each
# after a CHECKPOINT. PostgreSQL has the lab's settings, but fsync is on.
# Budgets: swap under 100 ms at every size, 1.05 times the better template copy
# without a spare, over 100 times faster than pg_restore at 1 GB.
#
#   ROUNDS=5   of each with 100 MiB; with more than 2048 MiB at most 3
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 100 1024 4096
sizes=("$@")
rounds=${ROUNDS:-5}
scratch=$(mktemp -d /tmp/berth-bench.XXXXXX)
tsv=build/bench-database.tsv
BATS_TEST_DIRNAME=$PWD/tests/worker BATS_FILE_TMPDIR=$scratch
# shellcheck source=tests/worker/helper.bash
. tests/worker/helper.bash
helpers=()
finish() {
  local pid
  for pid in "${helpers[@]}"; do kill "$pid" 2>/dev/null || true; done
  worker_stop
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

die() { echo "database.sh: $*" >&2; exit 1; }
largest=$(printf '%s\n' "${sizes[@]}" | sort -n | tail -n 1)
free=$(df --output=avail -BM /tmp | tail -n 1 | tr -dc 0-9)
[ "$free" -gt $((largest * 9 + 4096)) ] ||
  die "$free MiB are free in /tmp; $((largest * 9 + 4096)) are needed"

# shellcheck disable=SC2119 # with the parts it takes by itself
worker_start
psql_as() { psql -XAtqh "$PGHOST" -p "$PGPORT" -U "$@"; }
conf=$LAB_DIR/etc/berth/berth.conf
in_lab sed -i -e '/^\[application.shop\]/a spares = 50' \
  -e '/^\[cluster.db1\]/a spares = 50' "$conf"
sql "ALTER SYSTEM SET fsync = on"
sql "SELECT pg_reload_conf()"
sql "GRANT pg_read_all_settings TO berth"
dump=$(ls "$(tests/lab/cache.sh)/shop.dump")

# Milliseconds of a command.
ms() {
  local from
  from=$(date +%s%N)
  "$@" >/dev/null
  echo $((($(date +%s%N) - from) / 1000000))
}
sorted() { sort -n "$scratch/$1"; }
median() { sorted "$1" | awk '{ v[NR] = $1 } END { print v[int((NR+1)/2)] }'; }
most() { sorted "$1" | tail -n 1; }
add() { echo "$2" >>"$scratch/$1"; }
# What the job's log says of it.
log_ms() {
  sed -n "s/.* $1.*[( ]\([0-9]*\) ms)\{0,1\}$/\1/p" "$LOG_DIR/$N.log"
}
must_succeed() {
  [ "$(outcome)" = succeeded ] || die "job $N: $(result detail)"
}
name_of() {
  case $1 in 1024) echo 1gb ;; 4096) echo 4gb ;; *) echo "${1}mb" ;; esac
}

# make_source MiB: the shop, filled up with rows that do not compress and an
# index over them, about a fifth of it.
make_source() {
  local size=0 block
  psql_as postgres -d postgres -c "CREATE DATABASE source OWNER shop
    TEMPLATE template0"
  pg_restore -h "$PGHOST" -p "$PGPORT" -U postgres --no-owner --role=shop \
    -d source "$dump"
  psql_as shop -d source -c "CREATE TABLE filler (n bigint, t text)"
  block=$(($1 * 700))
  [ "$block" -lt 700000 ] || block=700000
  while [ "$size" -lt "$1" ]; do
    psql_as shop -d source -c "INSERT INTO filler SELECT n, md5(n::text)
      || md5((n + 1)::text) || repeat(md5((n + 2)::text), 4)
      FROM generate_series(1, $block) n"
    size=$(psql_as shop -d source -c "SELECT pg_database_size('source') * 6 / 5
      / 1024 / 1024")
  done
  psql_as shop -d source -c "CREATE INDEX ON filler (t text_pattern_ops)" \
    -c "CREATE INDEX ON filler (n)"
  psql_as postgres -d source -c "VACUUM (FREEZE, ANALYZE)"
}

restore() {
  sql "CREATE DATABASE restored OWNER shop TEMPLATE template0"
  pg_restore -h "$PGHOST" -p "$PGPORT" -U postgres --no-owner --role=shop \
    -j 2 -d restored "$scratch/dump"
}
template() { sql "CREATE DATABASE plain TEMPLATE \"$base\" STRATEGY $1"; }
drop() { sql "DROP DATABASE $1"; }

# Whatever a swap has put aside: the disk is not made for all rounds of it.
drop_trash() {
  local name
  for name in $(sql "SELECT datname FROM pg_database
    WHERE datname ~ '^berth_.{8}_t_'"); do
    sql "DROP DATABASE \"$name\""
  done
}

build() {
  build_job qa1 shop "" newest false
  work
  must_succeed
  result configuration >"$scratch/configuration.$N"
  served=$N
  end_job
}
undo() { # JOB BEFORE: goes back behind that job
  put_job undo qa1 shop "$(jq -n --argjson job "$1" \
    --slurpfile previous "$scratch/configuration.$2" \
    '{job: $job, checkout: false, database: true, previous: $previous[0]}')"
  work
  must_succeed
  cp "$scratch/configuration.$2" "$scratch/configuration.$N"
  served=$N
  end_job
}
spare() {
  put_job spare "" shop "{\"generation\": \"${base: -14}\"}"
  work
  must_succeed
  end_job
}

# One size: its name goes before every figure's.
measure() {
  local size=$1 what times=$rounds i built before
  what=$(name_of "$size")
  [ "$size" -le 2048 ] || [ "$times" -le 3 ] || times=3
  make_source "$size"
  pg_dump -h "$PGHOST" -p "$PGPORT" -U postgres -Fc -Z 1 -f "$scratch/dump" \
    source
  for ((i = 0; i < (size > 500 ? 1 : 3); i++)); do
    sql CHECKPOINT
    add "$what.restore" "$(ms restore)"
    drop restored
  done
  rm "$scratch/dump"
  put_job publish "" shop '{"database": "source", "data_at": null}'
  work
  must_succeed
  base=$(sql "SELECT max(datname) FROM pg_database
    WHERE datname ~ '^berth_.{8}_b_shop_'")
  for ((i = 0; i <= times; i++)); do
    sql CHECKPOINT
    add "$what.wal_log" "$(ms template wal_log)"
    drop plain
    sql CHECKPOINT
    add "$what.file_copy" "$(ms template file_copy)"
    drop plain
    sql CHECKPOINT
    build
    add "$what.without" $(($(log_ms 'database done') + $(log_ms swapped)))
    drop_trash
    # The first round is for the caches.
    [ "$i" -gt 0 ] || rm "$scratch/$what".{wal_log,file_copy,without}
  done
  for ((i = 0; i < times; i++)); do
    spare
    before=$served
    sql CHECKPOINT
    build
    built=$N
    grep -q 'spare .* is .* now' "$LOG_DIR/$N.log" || die "no spare was claimed"
    add "$what.swap" "$(log_ms swapped)"
    add "$what.with" $(($(log_ms 'database done') + $(log_ms swapped)))
    undo "$built" "$before"
    add "$what.undo" "$(log_ms swapped)"
    drop_trash
  done
}

# The swap alone while something else goes on: $1 names it.
swaps_while() {
  local i built before
  for ((i = 0; i < rounds; i++)); do
    before=$served
    spare
    build
    built=$N
    add "$1" "$(log_ms swapped)"
    undo "$built" "$before"
    add "$1" "$(log_ms swapped)"
    drop_trash
  done
}

copying() { # NAME: copies the base again and again
  while sql "CREATE DATABASE $1 TEMPLATE \"$base\" STRATEGY file_copy"; do
    drop "$1"
  done
}

# Ends what runs beside the swaps.
rest() {
  kill "${helpers[@]}" 2>/dev/null || true
  wait "${helpers[@]}" 2>/dev/null || true
  helpers=()
}

# The swap while two copies of the base run, and under the storm.
measure_loaded() {
  loaded=$(name_of "$1")
  copying one & helpers+=("$!")
  copying two & helpers+=("$!")
  sleep 1
  swaps_while copies
  rest
  for name in one two; do sql "DROP DATABASE IF EXISTS $name WITH (FORCE)"; done
  /usr/bin/python3 tests/bench/storm.py 20 "host=127.0.0.1 port=$PGPORT \
user=shop password=$SHOP_DATABASE_PASSWORD dbname=shop_qa1" \
    >"$scratch/storm.told" & helpers+=("$!")
  sleep 1
  swaps_while storm
  rest
}

put_job publish "" shop '{"database": "shop_base", "data_at": null}'
work
must_succeed
build_job qa1 shop trunk newest true
work
must_succeed
load_at=${sizes[-1]}
[[ " ${sizes[*]} " != *" 1024 "* ]] || load_at=1024
for size in "${sizes[@]}"; do
  echo "measuring $size MiB, $(date +%T)" >&2
  measure "$size"
  [ "$size" != "$load_at" ] || measure_loaded "$size"
  # The next one is measured without it on the disk.
  sql "ALTER DATABASE \"$base\" IS_TEMPLATE false"
  sql "DROP DATABASE \"$base\""
done

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a / b }'; }
better() { # SIZE: of the two template copies
  printf '%s\n' "$(median "$1.wal_log")" "$(median "$1.file_copy")" |
    sort -n | head -n 1
}
mkdir -p build
: >"$tsv"
figure() { printf '%s\t%s\t%s\n' "$@" >>"$tsv"; }
row() { printf '%-40s' "$1"; shift; printf '%11s' "$@"; printf '\n'; }
# each TITLE NAME FUNCTION [UNIT]: one figure of every size.
each() {
  local size what values=()
  for size in "${sizes[@]}"; do
    what=$(name_of "$size")
    values+=("$($3 "$what")")
    figure "$2_$what" "${values[-1]}" "${4:-ms}"
  done
  row "$1" "${values[@]}"
}
restore_of() { median "$1.restore"; }
wal_log_of() { median "$1.wal_log"; }
file_copy_of() { median "$1.file_copy"; }
without_of() { median "$1.without"; }
with_of() { median "$1.with"; }
swap_of() { median "$1.swap"; }
swap_most_of() { most "$1.swap"; }
undo_of() { median "$1.undo"; }
undo_most_of() { most "$1.undo"; }
restore_to_spare() { ratio "$(restore_of "$1")" "$(with_of "$1")"; }
restore_to_swap() { ratio "$(restore_of "$1")" "$(swap_of "$1")"; }
without_to_template() { ratio "$(without_of "$1")" "$(better "$1")"; }

echo "PostgreSQL $(sql 'SHOW server_version'), $(nproc) processors," \
  "$rounds rounds, milliseconds (medians)"
row "" "${sizes[@]/%/ MiB}"
each "pg_restore -j2" pg_restore restore_of
each "createdb --template, WAL_LOG" createdb_wal_log wal_log_of
each "createdb --template, FILE_COPY" createdb_file_copy file_copy_of
each "Berth without a spare: copy + swap" without_spare without_of
each "Berth with a spare: claim + swap" with_spare with_of
each "  the swap alone" swap_with_spare_median swap_of
each "  the swap alone, most" swap_with_spare_max swap_most_of
each "Berth's undo, the swap" undo_median undo_of
each "Berth's undo, the swap, most" undo_max undo_most_of
each "pg_restore / with a spare" ratio_pg_restore_to_spare \
  restore_to_spare ratio
each "pg_restore / the swap" ratio_pg_restore_to_swap restore_to_swap ratio
each "without / better template copy" ratio_without_spare_to_template \
  without_to_template ratio
for load in copies storm; do
  figure "swap_under_${load}_median" "$(median $load)" ms
  figure "swap_under_${load}_max" "$(most $load)" ms
done
echo "swap of $loaded under two running copies: median $(median copies)," \
  "most $(most copies) of $(wc -l <"$scratch/copies")"
echo "swap of $loaded under 20 clients that reconnect: median" \
  "$(median storm), most $(most storm) of $(wc -l <"$scratch/storm");" \
  "$(cat "$scratch/storm.told")"
echo "the figures are in $tsv"
