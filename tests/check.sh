#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make check`: installs what the tests need, builds everything with warnings
# as errors, starts the lab once, runs every suite, and ends with one line:
#
#   N passed, N failed, N skipped
#
# A suite's output is in build/check/NAME.log; the failures are printed. A test
# that cannot run says why and counts as skipped. Exit 0 only when none failed.
# Each suite's line ends with its seconds and those of the processors: what its
# processes used, but for daemons that nobody waits for (a lab's PostgreSQL).
# CHECK_ONLY="unit rules" runs some suites; CHECK_DEPS=no installs nothing,
# CHECK_PATIENCE=N gives each suite N times its time, where 4 is usual. Machines
# differ tenfold in what a new process costs: a suite that has not begun after
# CHECK_MINUTES (70) is skipped and says so.
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
rm -f "$out"/*.count
passed=0 failed=0 skipped=0
jobs=$(nproc)

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
  local name=$1 format=$2 limit=$3 from=$SECONDS status p=0 f=0 s=0 cpu
  local TIMEFORMAT='%U %S'
  shift 3
  wanted "$name" || return 0
  if [ "$SECONDS" -ge $((${CHECK_MINUTES:-70} * 60)) ]; then
    echo "0 0 1" >"$out/$name.count"
    echo "$name skipped: $((SECONDS / 60)) minutes have passed before it"
    return
  fi
  limit=$((limit * ${CHECK_PATIENCE:-4}))
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
  # A suite that dies without a failing test has failed all the same, and one
  # that ran nothing has not passed.
  if [ "$f" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((p + s)) -eq 0 ]; }; then
    f=1
  fi
  echo "$p $f $s" >"$out/$name.count"
  report "$name" "$format" "$status" "$p" "$f" "$s" $((SECONDS - from)) \
    "$cpu"
}

# In one write, because two suites may end at the same time.
report() {
  local text
  text=$(
    printf '%-20s %4d passed %3d failed %3d skipped  %4d s  cpu %5.1f s\n' \
      "$1" "$4" "$5" "$6" "$7" "$(awk '{ print $1 + $2 }' <<<"$8")"
    if [ "$6" -gt 0 ]; then grep -iE '^ok\b.*# *skip|is skipped because' "$out/$1.log"; fi
    if [ "$5" -gt 0 ]; then
      echo "--- $1 failed (exit $3), from build/check/$1.log:"
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
  local p f s file
  for file in "$out"/*.count; do
    [ -f "$file" ] || continue
    read -r p f s <"$file"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    [ "$f" -eq 0 ] || failures "$(basename "$file" .count)"
  done
  if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  [ "$failed" -eq 0 ]
  exit
}

if [ "${CHECK_DEPS:-yes}" = yes ]; then
  packages/install.sh build run test || {
    echo "check: the packages could not be installed" >&2
    failed=1
    finish
  }
fi
if ! make -j"$jobs" all unit >"$out/make.log" 2>&1; then
  tail -n 40 "$out/make.log"
  echo "check: the build failed, see build/check/make.log" >&2
  failed=1
  finish
fi

# shellcheck source=tests/check-suites.sh
. tests/check-suites.sh
all_suites
wait
finish
