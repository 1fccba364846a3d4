# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What the benches share: clocks, figures, a large database in the lab (loaded
# after tests/lib/sql.bash). $scratch is a folder, $tsv the file of the figures.

die() { echo "${0##*/}: $*" >&2; exit 1; }

# part WHAT COMMAND...: says on stderr how long it took.
part() {
  local title=$1 from=$SECONDS
  shift
  "$@"
  printf '%s  %-32s %4d s\n' "$(date +%T)" "$title" $((SECONDS - from)) >&2
}
# Milliseconds of a command.
ms() {
  local from
  from=$(date +%s%N)
  "$@" >/dev/null
  echo $((($(date +%s%N) - from) / 1000000))
}
# median FILE, most FILE: of one number a line; -: of standard input.
median() { sort -g "$@" | awk '{ v[NR] = $1 } END { print v[int((NR+1)/2)] }'; }
most() { sort -g "$@" | tail -n 1; }
pss() { awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", a / b }'; }
figure() { printf '%s\t%s\t%s\n' "$@" >>"$tsv"; }

psql_as() { psql -XAtqh "$PGHOST" -p "$PGPORT" -U "$@"; }
fsync() {
  sql "ALTER SYSTEM SET fsync = $1"
  sql "SELECT pg_reload_conf()" >/dev/null
}
drop_database() { sql "DROP DATABASE \"$1\""; }

# make_dump MiB: of a database that is so large when restored: the shop, filled
# up with rows that do not compress well, and indexes, a fifth of it. Without
# fsync: the machine shall be done with it before anything is measured.
make_dump() {
  fsync off
  sql "CREATE DATABASE source OWNER shop TEMPLATE template0"
  pg_restore -h "$PGHOST" -p "$PGPORT" -U postgres --no-owner --role=shop \
    -d source "$(tests/lab/cache.sh)/shop.dump"
  psql_as shop -d source -c "CREATE TABLE filler AS SELECT n, md5(n::text)
    || md5((n + 1)::text) || repeat(md5((n + 2)::text), 4) AS t
    FROM generate_series(1, ($1 - 24) * 3300) n" \
    -c "CREATE INDEX filler_t ON filler (left(t, 32) text_pattern_ops)" \
    -c "CREATE INDEX filler_n ON filler (n)"
  pg_dump -h "$PGHOST" -p "$PGPORT" -U postgres -Fc -Z 1 \
    -f "$scratch/dump" source
  chmod 0644 "$scratch/dump"
  drop_database source
  fsync on
  sync
}

