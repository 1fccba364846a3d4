#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# database.sh [MiB...]: what a reload costs, in one run, for databases of these
# sizes (100 1024 4096): pg_restore -j2, createdb --template with both
# strategies, Berth without a spare, with one, and its undo; the swap alone
# while two copies of the base run, and under 20 clients that reconnect; and a
# refresh against pg_restore and VACUUM (FREEZE, ANALYZE) by hand. Writes
# build/bench-database.tsv (name, value, unit) and prints it as one table with
# its budgets (database_table.sh). On stderr: what takes how long.
#
# Berth's side are real jobs of berth-worker on a lab with one guest: no berthd.
# Its times are the worker's own records: of the step `database` (the copy, or
# the claim of a spare, from its process's start to its end) and of the swap
# (from the first session cut to COMMIT; connections and locks are had before
# the guest is touched, and disturb nobody). A refresh is its whole worker, the
# dump a local file. The rounds are interleaved, each after a CHECKPOINT, and
# PostgreSQL's programs are called past Debian's wrapper. PostgreSQL has the
# lab's settings, but fsync is on.
#
#   ROUNDS=5   of each with up to 512 MiB; 3 up to 2 GiB, 2 above
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 100 1024 4096
sizes=("$@")
most_rounds=${ROUNDS:-5}
scratch=$(mktemp -d /tmp/berth-bench.XXXXXX)
chmod 0755 "$scratch"
tsv=build/bench-database.tsv
PATH=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V |
  tail -n 1):$PATH
# shellcheck source=tests/lib/worker.bash
. tests/lib/worker.bash
# shellcheck source=tests/bench/bench.bash
. tests/bench/bench.bash
helpers=()
finish() {
  local pid
  for pid in "${helpers[@]}"; do kill "$pid" 2>/dev/null || true; done
  worker_stop
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

largest=$(printf '%s\n' "${sizes[@]}" | sort -n | tail -n 1)
free=$(df --output=avail -BM /tmp | tail -n 1 | tr -dc 0-9)
[ "$free" -gt $((largest * 9 + 4096)) ] ||
  die "$free MiB are free in /tmp; $((largest * 9 + 4096)) are needed"

add() { echo "$2" >>"$scratch/$1"; }
name_of() {
  case $1 in 1024) echo 1gb ;; 4096) echo 4gb ;; *) echo "${1}mb" ;; esac
}

drop_base() {
  sql "ALTER DATABASE \"$1\" IS_TEMPLATE false"
  drop_database "$1"
}
newest_base() { # APPLICATION
  sql "SELECT max(datname) FROM pg_database
    WHERE datname ~ '^berth_.{8}_b_$1_'"
}
# Whatever a swap has put aside: the disk is not made for all rounds of it.
drop_trash() {
  local name
  for name in $(sql "SELECT datname FROM pg_database
    WHERE datname ~ '^berth_.{8}_t_'"); do
    drop_database "$name"
  done
}

# What the job's log says of it.
log_ms() {
  sed -n "s/.* $1.*[( ]\([0-9]*\) ms)\{0,1\}$/\1/p" "$LOG_DIR/$N.log"
}
must_succeed() {
  [ "$(outcome)" = succeeded ] || die "job $N: $(result detail)"
}
build_qa1() {
  build_job qa1 shop "${1:-}" newest "${2:-false}"
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
spares() { # HOW MANY
  local i
  for ((i = 0; i < $1; i++)); do
    put_job spare "" shop "{\"generation\": \"${base: -14}\"}"
    work
    must_succeed
    end_job
  done
}
publish() { # DATABASE
  put_job publish "" shop "{\"database\": \"$1\", \"data_at\": null}"
  work
  must_succeed
  end_job
  base=$(newest_base shop)
}

restore() {
  sql "CREATE DATABASE restored OWNER shop TEMPLATE template0"
  pg_restore -h "$PGHOST" -p "$PGPORT" -U postgres --no-owner --role=shop \
    -j 2 -d restored "$scratch/dump"
}
vacuum() { psql_as postgres -d restored -c "VACUUM (FREEZE, ANALYZE)"; }
refresh_nightly() {
  put_job refresh "" nightly '{"again": true}'
  work
  must_succeed
  end_job
}

refresh_by_berth() {
  sql CHECKPOINT
  add "$what.refresh" "$(ms refresh_nightly)"
  drop_base "$(newest_base nightly)"
}
refresh_by_hand() {
  local restored vacuumed
  [ -z "$(sql "SELECT 1 FROM pg_database WHERE datname = 'restored'")" ] ||
    drop_database restored
  sql CHECKPOINT
  restored=$(ms restore)
  vacuumed=$(ms vacuum)
  add "$what.pg_restore" "$restored"
  add "$what.by_hand" $((restored + vacuumed))
}
# By hand and by Berth, each as often behind the other as before it: what comes
# second finds the disk and the caches as the first has left them. What is
# restored last by hand becomes the base.
measure_restores() { # TIMES
  local i
  for ((i = 0; i < $1; i++)); do
    if [ "$size" -gt 2048 ]; then
      refresh_by_hand
    elif ((i % 2 == 0)); then
      refresh_by_berth
      refresh_by_hand
    else
      refresh_by_hand
      refresh_by_berth
    fi
  done
  rm "$scratch/dump"
}

# As the same role over the same kind of connection as Berth's.
template() {
  PGPASSWORD=$BERTH_DATABASE_PASSWORD createdb -h 127.0.0.1 -p "$PGPORT" \
    -U berth --template="$base" --strategy="$1" plain
}
measure_copies() { # TIMES, behind one for the caches where that is cheap
  local i way first=0
  [ "$size" -le 2048 ] || first=1
  for ((i = first; i <= $1; i++)); do
    for way in wal_log file_copy; do
      sql CHECKPOINT
      add "$what.$way" "$(ms template "$way")"
      drop_database plain
    done
    sql CHECKPOINT
    build_qa1
    add "$what.without" $(($(log_ms 'database done') + $(log_ms swapped)))
    drop_trash
    [ "$i" -gt 0 ] || rm "$scratch/$what".{wal_log,file_copy,without}
  done
}

measure_swaps() { # TIMES
  local i built before
  for ((i = 0; i < $1; i++)); do
    spares 1
    before=$served
    sql CHECKPOINT
    build_qa1
    built=$N
    grep -q 'spare .* is .* now' "$LOG_DIR/$N.log" || die "no spare was claimed"
    add "$what.with_spare" $(($(log_ms 'database done') + $(log_ms swapped)))
    add "$what.swap_with_spare" "$(log_ms swapped)"
    undo "$built" "$before"
    add "$what.undo" "$(log_ms swapped)"
    drop_trash
  done
}

# The swap alone while something else goes on; the spares are there before.
swaps_under() { # LOAD TIMES
  local i built before
  for ((i = 0; i < $2; i++)); do
    before=$served
    build_qa1
    built=$N
    add "$what.swap_under_$1" "$(log_ms swapped)"
    undo "$built" "$before"
    add "$what.swap_under_$1" "$(log_ms swapped)"
  done
}
copying() { # NAME: copies the base again and again
  while sql "CREATE DATABASE $1 TEMPLATE \"$base\" STRATEGY file_copy"; do
    drop_database "$1"
  done
}
# Ends what runs beside the swaps.
rest() {
  local name
  kill "${helpers[@]}" 2>/dev/null || true
  wait "${helpers[@]}" 2>/dev/null || true
  helpers=()
  for name in one two; do
    sql "DROP DATABASE IF EXISTS $name WITH (FORCE)" 2>/dev/null
  done
  drop_trash
}
measure_under_copies() {
  spares "$1"
  copying one 2>/dev/null & helpers+=("$!")
  copying two 2>/dev/null & helpers+=("$!")
  sleep 1
  swaps_under copies "$1"
  rest
}
measure_under_storm() {
  spares "$1"
  /usr/bin/python3 tests/bench/storm.py 20 "host=127.0.0.1 port=$PGPORT \
user=shop password=$SHOP_DATABASE_PASSWORD dbname=shop_qa1" \
    >"$scratch/storm.told" 2>/dev/null & helpers+=("$!")
  sleep 1
  swaps_under storm "$1"
  rest
  echo "  under the storm: $(cat "$scratch/storm.told")" >&2
}

figures() { # MEDIAN MAX FILE: of one size
  [ -e "$scratch/$what.$3" ] || return 0
  figure "$1_$what" "$(median "$scratch/$what.$3")" ms
  [ -z "$2" ] || figure "$2_$what" "$(most "$scratch/$what.$3")" ms
}
against() { # NAME A B: how many times B
  [ ! -e "$scratch/$what.$2" ] || [ ! -e "$scratch/$what.$3" ] ||
    figure "$1_$what" "$(ratio "$(median "$scratch/$what.$2")" \
      "$(median "$scratch/$what.$3")")" ratio
}
write_figures() {
  local name
  figure "size_$what" "$mebibytes" MiB
  figures pg_restore '' pg_restore
  figures by_hand '' by_hand
  figures refresh '' refresh
  figures createdb_wal_log '' wal_log
  figures createdb_file_copy '' file_copy
  figures without_spare '' without
  figures with_spare '' with_spare
  for name in swap_with_spare undo swap_under_copies swap_under_storm; do
    figures "${name}_median" "${name}_max" "$name"
  done
  against ratio_pg_restore_to_spare pg_restore with_spare
  against ratio_pg_restore_to_swap pg_restore swap_with_spare
  # What somebody would type is WAL_LOG, which has no option to it.
  against ratio_without_spare_to_template without wal_log
  against ratio_without_spare_to_file_copy without file_copy
  against ratio_refresh_to_by_hand refresh by_hand
}

measure() { # MiB
  local size=$1 what rounds=$most_rounds mebibytes
  what=$(name_of "$size")
  [ "$size" -le 512 ] || [ "$rounds" -le 3 ] || rounds=3
  [ "$size" -le 2048 ] || [ "$rounds" -le 2 ] || rounds=2
  part "$what: a dump" make_dump "$size"
  part "$what: restores" measure_restores $((size > 2048 ? 1 : rounds))
  publish restored
  mebibytes=$(sql "SELECT pg_database_size('$base') / 1024 / 1024")
  part "$what: copies" measure_copies "$rounds"
  part "$what: swaps and undo" measure_swaps "$rounds"
  part "$what: swaps under copies" measure_under_copies "$rounds"
  part "$what: swaps under the storm" measure_under_storm "$rounds"
  write_figures
  # The next one is measured without it on the disk.
  drop_base "$base"
}

# shellcheck disable=SC2119 # with the parts it takes by itself
prepare() {
  worker_start
  in_lab sed -i -e '/^\[application.shop\]/a spares = 50' \
    -e '/^\[cluster.db1\]/a spares = 50' "$LAB_DIR/etc/berth/berth.conf"
  install -d "$LAB_DIR/etc/berth/conf.d"
  cat >"$LAB_DIR/etc/berth/conf.d/nightly.conf" <<EOS
[application.nightly]
repository = "svn://127.0.0.1:1/nightly"
kind = "svn"
cluster = "db1"
database = "nightly_{server}"
owner = "shop"
root = "/srv/nightly"
dump = "$scratch/dump"
restore_jobs = 2
EOS
  publish shop_base
  build_qa1 trunk true
}

mkdir -p build
: >"$tsv"
part "a lab" prepare
for size in "${sizes[@]}"; do
  part "$size MiB, all of it" measure "$size"
done
# Of all sizes.
for load in copies storm; do
  figure "swap_under_${load}_max" \
    "$(cat "$scratch"/*".swap_under_$load" | sort -n | tail -n 1)" ms
done
echo "PostgreSQL $(sql 'SHOW server_version'), $(nproc) processors," \
  "$((SECONDS / 60)) min $((SECONDS % 60)) s in all"
tests/bench/database_table.sh "$tsv"
