#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make check`: installs what the tests need, builds everything with warnings
# as errors, starts the lab once, runs every suite, and ends with one line:
#
#   N passed, N failed, N skipped
#
# A suite's output is in build/check/NAME.log; the failures are printed. A test
# that cannot run says why and counts as skipped. Exit 0 only when none failed.
# CHECK_ONLY="unit rules" runs some suites; CHECK_DEPS=no installs nothing.
set -u
cd "$(dirname "$0")/.." || exit 1
out=$PWD/build/check
mkdir -p "$out"
passed=0 failed=0 skipped=0
jobs=$(nproc)

# suite NAME FORMAT SECONDS COMMAND...: runs, counts, prints one line.
# FORMAT: tap, boost, or plain (one test, its exit code).
suite() {
  local name=$1 format=$2 limit=$3 from=$SECONDS status p=0 f=0 s=0
  shift 3
  if [ -n "${CHECK_ONLY:-}" ] && [[ " $CHECK_ONLY " != *" ${name%%-*} "* ]] &&
    [[ " $CHECK_ONLY " != *" $name "* ]]; then
    return
  fi
  timeout -k 20 "$limit" "$@" >"$out/$name.log" 2>&1 </dev/null
  status=$?
  case $format in
    tap)
      # Top level results only; "# SKIP" is TAP's word for a test not run.
      s=$(grep -ciE '^ok\b.*# *skip' "$out/$name.log")
      p=$(($(grep -c '^ok\b' "$out/$name.log") - s))
      f=$(grep -c '^not ok\b' "$out/$name.log")
      ;;
    boost)
      read -r p f < <(sed -nE \
        's/.*with: *$//; s/^ *([0-9]+) test cases? out of ([0-9]+) (passed|failed)/\1 \2 \3/p' \
        "$out/$name.log" | awk '$3 == "passed" { p = $1; n = $2 }
          $3 == "failed" { if (n == "") n = $2; f = $1 }
          END { print p + 0, f + 0 }')
      ;;
    plain) [ "$status" -eq 0 ] && p=1 ;;
  esac
  # A suite that dies without a failing test has failed all the same, and one
  # that ran nothing has not passed.
  if [ "$f" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((p + s)) -eq 0 ]; }; then
    f=1
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-18s %4d passed %3d failed %3d skipped  %4d s\n' \
    "$name" "$p" "$f" "$s" $((SECONDS - from))
  if [ "$s" -gt 0 ]; then grep -iE '^ok\b.*# *skip' "$out/$name.log"; fi
  if [ "$f" -gt 0 ]; then
    echo "--- $name failed (exit $status), from build/check/$name.log:"
    case $format in
      tap) grep -A 25 '^not ok\b' "$out/$name.log" | head -n 120 ;;
      *) tail -n 40 "$out/$name.log" ;;
    esac
    echo "---"
  fi
}

finish() {
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

clang_reads() {
  # clang 14 has no std::views over libstdc++ 12; it still must read the rest.
  # shellcheck source=/dev/null
  find src -name '*.cpp' -print0 | xargs -0 -P "$jobs" -n 4 \
    clang++ -fsyntax-only -std=c++20 -Wall -Wextra -Wshadow -Werror -Isrc \
    -I/usr/include/postgresql -DBERTH_VERSION='""' -DBERTH_SYSCONFDIR='""' \
    -DBERTH_SPOOLDIR='""' -DBERTH_LIBDIR='""' -DBERTH_LOGDIR='""' \
    -DBERTH_RUNDIR='""' -DBERTH_LIBEXECDIR='""' -DBERTH_WEB_USER='""'
}
export -f clang_reads
export jobs

suite rules tap 120 bats --formatter tap tests/rules
suite clang plain 400 bash -c clang_reads
for dir in base model store web watch runner worker ctl; do
  if compgen -G "tests/unit/$dir/*.cpp" >/dev/null; then
    suite "unit-$dir" boost 300 "build/tests/unit-$dir" \
      --report_level=short --log_level=test_suite --color_output=no
  fi
done
# shellcheck source=tests/check-suites.sh
. tests/check-suites.sh
finish
