#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make check`: installs what the tests need, builds everything with warnings
# as errors and makes what is kept below build/ (prepare.sh), runs every suite,
# and ends with one line:
#
#   N passed, N failed, N skipped (N the clock, N needs root)
#
# A suite's output is in build/check/NAME.log; the failures are printed. Exit 0
# only when none failed. Each suite's line ends with its seconds and those of the
# processors: what its processes used, but for daemons that nobody waits for (a
# lab's PostgreSQL).
#
# A test may be skipped only for what this machine cannot do, or because the
# clock of the whole run has passed; `may_skip` below has all such reasons. For
# any other reason - something is not installed, not made, not started - a
# skipped test has failed. The clock begins with the first suite. No suite, and
# none of the tests on real guests, begins more than CHECK_MINUTES (60) later.
#
# CHECK_ONLY="unit rules" runs some suites; CHECK_DEPS=no installs nothing,
# CHECK_PATIENCE=N gives each suite N times its time, where 4 is usual: machines
# differ tenfold in what a new process costs. Where CI=true, a suite that failed
# is run once more. If it passes then, it counts as passed, and a line before
# the last one, `flaky: NAME`, follows what failed at first.
#
# As root, and where there is memory enough, what the suites write goes there: in
# a namespace of its own, below a new folder that TMPDIR names. A kill loses
# nothing that was written, so memory proves what a disk does, without its
# journal. CHECK_TMPFS=no: on the disk.
# shellcheck disable=SC2317 # what task calls
set -u
cd "$(dirname "$0")/.." || exit 1
if [ "${CHECK_TMPFS:-yes}" = yes ] && [ "$(id -u)" = 0 ] &&
  awk '/^MemAvailable:/ { exit $2 < 12 * 1024 * 1024 }' /proc/meminfo; then
  memory=$(mktemp -d /tmp/b.XXXXXX)
  trap 'rmdir "$memory"' EXIT
  # shellcheck disable=SC2016
  unshare --mount bash -c 'mount -t tmpfs -o mode=1777,size=10g tmpfs "$1" &&
    export TMPDIR=$1 CHECK_TMPFS=no && exec tests/check.sh' - "$memory"
  exit
fi
out=$PWD/build/check
mkdir -p "$out"
rm -f "$out"/*.{count,skips,flaky,first}
passed=0 failed=0 skipped=0
jobs=$(nproc)

# Every reason for which a test may be skipped: how it begins.
may_skip=(
  'the clock'                # of the whole run: its time is over
  'needs root'               # a privilege
  'no /dev/net/tun here'     # features of the kernel
  'strace may not trace here'
  'no XFS in a loop file'
  'PostgreSQL 18 is packed for x86_64 only'
)

# Set when the first suite begins. Others read it from the environment.
minutes=${CHECK_MINUTES:-60}
start_clock() {
  export CHECK_UNTIL=$((EPOCHSECONDS + minutes * 60))
  export CHECK_CLOCK="the clock: $minutes minutes of this run have passed"
}
clock_is_over() { [ "$EPOCHSECONDS" -ge "$CHECK_UNTIL" ]; }

# wanted NAME...: whether CHECK_ONLY asks for one of these suites.
wanted() {
  local name
  [ -n "${CHECK_ONLY:-}" ] || return 0
  for name; do
    [[ " $CHECK_ONLY " != *" ${name%%-*} "* &&
      " $CHECK_ONLY " != *" $name "* ]] || return 0
  done
  return 1
}

# suite NAME FORMAT SECONDS COMMAND...: runs, counts into NAME.count, prints one
# line. FORMAT: tap, boost, or plain (one test, its exit code).
suite() {
  local name=$1 format=$2 limit=$3 from=$SECONDS status p f s cpu
  shift 3
  wanted "$name" || return 0
  if clock_is_over; then
    skip_suite "$name" "$CHECK_CLOCK before it began"
    return
  fi
  limit=$((limit * ${CHECK_PATIENCE:-4}))
  attempt "$@"
  if [ "$f" -gt 0 ] && [ "${CI:-}" = true ] && ! clock_is_over; then
    report "$name" "$format" "$status" "$p" "$f" "$s" $((SECONDS - from)) \
      "$cpu"
    echo "$name is run once more"
    { failures "$name"; unexcused <"$out/$name.skips"; } >"$out/$name.first"
    mv "$out/$name.log" "$out/$name-first.log"
    from=$SECONDS
    attempt "$@"
    [ "$f" -gt 0 ] || echo "$name" >"$out/$name.flaky"
  fi
  echo "$p $f $s" >"$out/$name.count"
  report "$name" "$format" "$status" "$p" "$f" "$s" $((SECONDS - from)) \
    "$cpu"
}

# attempt COMMAND...: what `suite` does once. Sets p, f and s.
attempt() {
  local TIMEFORMAT='%U %S' bad
  p=0 f=0 s=0
  cpu=$({ time timeout -k 20 "$limit" "$@" >"$out/$name.log" 2>&1 \
    </dev/null; } 2>&1)
  status=$?
  case $format in
    tap)
      # Top level results only; "# SKIP" is TAP's word for a test not run.
      s=$(grep -ciE '^ok\b.*# *skip' "$out/$name.log")
      p=$(($(grep -c '^ok\b' "$out/$name.log") - s))
      f=$(grep -c '^not ok\b' "$out/$name.log")
      ;;
    boost)
      read -r p f s < <(awk '/test cases? out of/ {
          if ($7 == "passed") p = $1; else if ($7 == "failed") f = $1
          else if ($7 == "skipped") s = $1 }
        END { print p + 0, f + 0, s + 0 }' "$out/$name.log")
      ;;
    plain) [ "$status" -eq 0 ] && p=1 ;;
  esac
  skip_reasons "$format" "$out/$name.log" >"$out/$name.skips"
  bad=$((s - $(excused <"$out/$name.skips" | wc -l)))
  [ "$bad" -ge 0 ] || bad=0
  f=$((f + bad)) s=$((s - bad))
  # A suite that dies without a failing test has failed all the same, and one
  # that ran nothing has not passed.
  if [ "$f" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((p + s)) -eq 0 ]; }; then
    f=1
  fi
}

# skip_suite NAME REASON: counts as one test.
skip_suite() {
  echo "$2" >"$out/$1.skips"
  if excused <"$out/$1.skips" | grep -q .; then
    echo "0 0 1" >"$out/$1.count"
  else
    echo "0 1 0" >"$out/$1.count"
  fi
  echo "$1 skipped: $2"
}

# skip_reasons FORMAT LOG: why tests were skipped, one a line.
skip_reasons() {
  case $1 in
    tap) sed -nE 's/^ok\b.*# *[Ss][Kk][Ii][Pp] *//p' "$2" ;;
    boost) sed -nE 's/.* is skipped because (precondition failed: )?//p' "$2" ;;
  esac
}
# Of the reasons on standard input, those in may_skip; and the others.
excused() { reasons_that_may print; }
unexcused() {
  reasons_that_may 'next' | sed 's/^/skipped for no reason that counts: /'
}
reasons_that_may() { # print | next: what is done with one that is in may_skip
  awk -v may="$1" 'NR == FNR { begin[$0]; next }
    { known = 0; for (b in begin) if (index($0, b) == 1) known = 1
      if (known == (may == "print")) print }' \
    <(printf '%s\n' "${may_skip[@]}") -
}

# In one write, because two suites may end at the same time.
report() {
  local text
  text=$(
    printf '%-20s %4d passed %3d failed %3d skipped  %4d s  cpu %5.1f s\n' \
      "$1" "$4" "$5" "$6" "$7" "$(awk '{ print $1 + $2 }' <<<"$8")"
    if [ -s "$out/$1.skips" ]; then
      grep -iE '^ok\b.*# *skip|is skipped because' "$out/$1.log"
    fi
    if [ "$5" -gt 0 ]; then
      echo "--- $1 failed (exit $3), from build/check/$1.log:"
      unexcused <"$out/$1.skips"
      case $2 in
        tap) grep -A 25 '^not ok\b' "$out/$1.log" | head -n 120 ;;
        *) tail -n 40 "$out/$1.log" ;;
      esac
      # Nothing was counted: what it said last tells more.
      grep -q '^not ok\b' "$out/$1.log" || tail -n 40 "$out/$1.log"
      echo "---"
    fi
  )
  printf '%s\n' "$text"
}

# task COMMAND...: in the background, as soon as fewer than `at_once` are there.
# More than there are processors, because every suite spends much of its time
# waiting for a disk, a reload or a deadline; one less while emulated machines are
# at work, who never wait. (Rejected: nice. Processes of different sessions are
# not weighed against each other by it where the kernel groups them.)
emulates=$out/emulates
at_once() {
  if [ -e "$emulates" ]; then echo $((jobs + 1)); else echo $((jobs + 2)); fi
}
task() {
  while [ "$(jobs -rp | wc -l)" -ge "$(at_once)" ]; do wait -n; done
  "$@" &
}

# failures NAME: which tests of a suite failed, and where. Once more at the end,
# because the reports above are long and a log is often read from its end.
failures() {
  local log=$out/$1.log
  if grep -q '^not ok\b' "$log"; then
    grep -A 2 '^not ok\b' "$log" | grep -v '^ok\b'
  elif grep -q ': error: ' "$log"; then
    grep ': error: ' "$log"
  else
    tail -n 3 "$log"
  fi | cut -c1-200 | head -n 20 | sed "s/^/$1: /"
}

finish() {
  local p f s file name
  for file in "$out"/*.count; do
    [ -f "$file" ] || continue
    name=$(basename "$file" .count)
    read -r p f s <"$file"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    [ "$f" -eq 0 ] || {
      [ ! -f "$out/$name.log" ] || failures "$name"
      [ ! -f "$out/$name.skips" ] ||
        unexcused <"$out/$name.skips" | sed "s/^/$name: /"
    }
  done
  for file in "$out"/*.flaky; do
    [ -f "$file" ] || continue
    name=$(<"$file")
    sed 's/^/at first: /' "$out/$name.first"
    echo "flaky: $name"
  done
  if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped ($(why_skipped))"
  else
    echo "$passed passed, $failed failed"
  fi
  [ "$failed" -eq 0 ]
  exit
}

# How many were skipped for each reason in may_skip.
why_skipped() {
  local reason n text=
  for reason in "${may_skip[@]}"; do
    n=$(cat "$out"/*.skips | awk -v begin="$reason" \
      'index($0, begin) == 1 { n++ } END { print n + 0 }')
    [ "$n" -eq 0 ] || text+="${text:+, }$n $reason"
  done
  printf '%s' "$text"
}

if [ "${CHECK_DEPS:-yes}" = yes ]; then
  packages/install.sh build run test || {
    echo "check: the packages could not be installed" >&2
    failed=1
    finish
  }
fi
# shellcheck source=tests/check-suites.sh
. tests/check-suites.sh

# What the suites of this run need and is made only once. One after another
# beside the compiler, because most of it waits for the network. One that cannot
# be made is a failure by its name, and its suites are not begun.
prepare() {
  local thing
  for thing; do
    timeout -k 20 1800 tests/prepare.sh "$thing" \
      >"$out/prepare-$thing.log" 2>&1 </dev/null && continue
    echo "0 1 0" >"$out/prepare-$thing.count"
    echo "--- $thing could not be made, from build/check/prepare-$thing.log:"
    tail -n 20 "$out/prepare-$thing.log"
    echo "---"
  done
}
prepared() { [ ! -f "$out/prepare-$1.count" ]; }
mapfile -t needed < <(needed_things)
prepare "${needed[@]}" &
if ! make -j"$jobs" all unit >"$out/make.log" 2>&1; then
  tail -n 40 "$out/make.log"
  echo "check: the build failed, see build/check/make.log" >&2
  wait
  failed=1
  finish
fi
wait

start_clock
all_suites
wait
finish
