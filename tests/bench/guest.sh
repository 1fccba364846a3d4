#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# guest.sh [MiB]: what Berth was made for, on a virtual machine: a build with a
# fresh database of 1 GB (or so many MiB) and a checkout of 10,000 files of
# which 150 differ, on a guest that has been built on before; against a fresh
# `svn checkout` on the same guest and pg_restore -j2 into the same cluster, one
# after the other, as it was done by hand. All by the API, from the request to
# the end that its job shows.
#
# The guest is emulated, and a step on it costs what an emulated processor
# costs. So the same is done on a guest of tests/lab, whose processes are this
# machine's own, and the difference is called emulation. Writes
# build/bench-guest.tsv (name, value, unit) and prints a table.
#
#   ROUNDS=3   builds each, behind the two that fill both slots
set -eu
cd "$(dirname "$0")/../.."
size=${1:-1024}
rounds=${ROUNDS:-3}
scratch=$(mktemp -d /tmp/berth-bench.XXXXXX)
chmod 0755 "$scratch"
tsv=build/bench-guest.tsv
PATH=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V |
  tail -n 1):$PATH
# shellcheck source=tests/lib/lab.bash
. tests/lib/lab.bash
# shellcheck source=tests/lib/sql.bash
. tests/lib/sql.bash
# shellcheck source=tests/lib/api.bash
. tests/lib/api.bash
# shellcheck source=tests/bench/bench.bash
. tests/bench/bench.bash
LAB_DIR=
finish() {
  [ -z "$LAB_DIR" ] || tests/lab/down.sh "$LAB_DIR" || true
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM
[ "$(id -u)" = 0 ] || die "needs root: its labs have users and networks"

curl() { in_lab curl "$@"; }

# Two branches of 10,000 files in vendor/wide, 3 KB each, beside the shop's own.
make_branches() {
  local svn=file://$LAB_DIR/repository/svn/shop tree=$scratch/wide n
  local -a changes=()
  mkdir -p "$tree"
  awk -v tree="$tree" 'BEGIN {
    for (d = 0; d < 100; d++) {
      system("mkdir " tree "/" d)
      for (f = 0; f < 100; f++) {
        name = tree "/" d "/" f ".py"
        for (i = 0; i < 60; i++) printf "value_%d = %d  # of file %d in %d\n", \
          i, (d * 7919 + f * 104729 + i * 31) % 100003, f, d >name
        close(name)
      }
    }
  }'
  svn copy -q -m "A wide branch" "$svn/trunk" "$svn/branches/wide"
  svn import -q --no-ignore --no-auto-props -m "Ten thousand files" "$tree" \
    "$svn/branches/wide/vendor/wide"
  svn copy -q -m "Another one" "$svn/branches/wide" "$svn/branches/wide-2"
  for ((n = 0; n < 150; n++)); do
    echo "changed = True" >>"$tree/$((n % 100))/$((n / 2)).py"
    changes+=(put "$tree/$((n % 100))/$((n / 2)).py"
      "branches/wide-2/vendor/wide/$((n % 100))/$((n / 2)).py")
  done
  svnmucc -m "A hundred and fifty differ" -U "$svn" "${changes[@]}" >/dev/null
  chown -R --reference="$LAB_DIR/repository/svn/shop" "$LAB_DIR/repository/svn"
  rm -rf "$tree"
}

classic_checkout() {
  on qa1 svn checkout -q --non-interactive "$SVN_URL/branches/wide-2" \
    /root/classic
}
classic_restore() {
  sql "CREATE DATABASE classic OWNER shop TEMPLATE template0"
  pg_restore -h "$PGHOST" -p "$PGPORT" -U postgres --no-owner --role=shop \
    -j 2 -d classic "$scratch/dump"
}

spare_ready() {
  until_json 720 applications \
    '.applications[] | select(.name == "shop") | .spares >= 1'
}

# timed_build PATH: prints the milliseconds from the request to the job's end, and
# leaves the job in $scratch/job.
timed_build() {
  local from job
  from=$(date +%s%N)
  job=$(call_api servers/qa1/builds -X POST \
    -d application=shop -d "path=$1" -d database=newest -d checkout=true |
    jq -r .job)
  [ "$job" -gt 0 ] 2>/dev/null || die "no build was accepted"
  # Asked rarely where it takes long, so that asking is no load.
  while [ -e "$SPOOL_DIR/active/$job.json" ] ||
    [ -e "$SPOOL_DIR/queue/$job.json" ]; do
    sleep 0.05
  done
  until_json 720 "jobs/$job" '.state | . != "running" and . != "queued"'
  echo $((($(date +%s%N) - from) / 1000000))
  call_api "jobs/$job" >"$scratch/job"
  [ "$(jq -r .state "$scratch/job")" = succeeded ] ||
    die "job $job: $(jq -r .detail "$scratch/job")"
}

warm_builds() {
  local i path total
  for path in branches/wide branches/wide-2; do timed_build "$path" >/dev/null; done
  : >"$scratch/total"
  rm -f "$scratch"/step.*
  for ((i = 0; i < rounds; i++)); do
    [ "$path" = branches/wide ] && path=branches/wide-2 || path=branches/wide
    spare_ready
    sql CHECKPOINT
    total=$(timed_build "$path")
    echo "$total" >>"$scratch/total"
    jq -r '.steps[] | select(.ms != null) | "\(.name) \(.ms)"' \
      "$scratch/job" | while read -r name ms; do
      echo "$ms" >>"$scratch/step.$name"
    done
  done
}

seconds() { awk -v ms="$1" 'BEGIN { printf "%.3f\n", ms / 1000 }'; }

# measure KIND: in a lab of its own, which ends before the next.
measure() {
  kind=$1
  local checkout restore total step prefix=
  [ "$kind" = emulated ] || prefix=native_
  if [ "$kind" = emulated ]; then
    LAB_DIR=$(LAB_MACHINES=qa1 tests/lab-qemu/up.sh --owner $$)
  else
    LAB_DIR=$(LAB_LIGHT=1 LAB_GUESTS=qa1 tests/lab/up.sh --owner $$)
  fi
  export LAB_DIR
  lab_env
  [ "$kind" != emulated ] || tests/lab-qemu/enroll.sh qa1 >/dev/null
  sed -i -e '/^\[application.shop\]/a spares = 1' \
    -e '/^\[cluster.db1\]/a spares = 2' "$BERTH_CONFIG"
  tests/lab/runner.sh restart
  make_branches
  make_dump "$size"
  checkout=$(ms classic_checkout)
  sql CHECKPOINT
  restore=$(ms classic_restore)
  rm "$scratch/dump"
  psql_as postgres -d classic -c "VACUUM (FREEZE, ANALYZE)"
  figure "${prefix}database" \
    "$(sql "SELECT pg_database_size('classic') / 1024 / 1024")" MiB
  in_lab berthctl publish shop classic >/dev/null
  until_json 720 applications \
    '.applications[] | select(.name == "shop") | .bases | length >= 1'
  warm_builds
  total=$(median "$scratch/total")
  figure "${prefix}classic_checkout_s" "$(seconds "$checkout")" s
  figure "${prefix}classic_restore_s" "$(seconds "$restore")" s
  figure "${prefix}classic_s" "$(seconds $((checkout + restore)))" s
  figure "${prefix}warm_build_s" "$(seconds "$total")" s
  for step in $(jq -r '.steps[] | select(.ms != null) | .name' \
    "$scratch/job"); do
    figure "${prefix}warm_${step}_s" \
      "$(seconds "$(median "$scratch/step.$step")")" s
  done
  figure "${prefix}ratio_classic_to_warm_build" \
    "$(ratio $((checkout + restore)) "$total")" ratio
  tests/lab/down.sh "$LAB_DIR"
  LAB_DIR=
}

table() {
  awk -F '\t' '
    { value[$1] = $2; if ($1 ~ /^(classic|warm)_/) order[++n] = $1 }
    END {
      printf "%-28s%12s%12s%12s\n", "seconds", "emulated", "native", "emulation"
      for (i = 1; i <= n; i++) {
        name = order[i]
        native = "native_" name
        printf "%-28s%12.3f", name, value[name]
        if (native in value) printf "%12.3f%12.3f", value[native], \
          value[name] - value[native]
        print ""
      }
      printf "by hand / Berth, warm%18.1fx%11.1fx\n", \
        value["ratio_classic_to_warm_build"], \
        value["native_ratio_classic_to_warm_build"]
    }' "$tsv"
}

cd "$top"
mkdir -p build
: >"$tsv"
part "an emulated guest" measure emulated
part "a native one" measure native
echo "PostgreSQL $(psql --version | grep -o '[0-9.]*' | head -n 1)," \
  "$(nproc) processors, $rounds rounds," \
  "$((SECONDS / 60)) min $((SECONDS % 60)) s in all"
table
