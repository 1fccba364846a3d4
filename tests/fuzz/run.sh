#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh SECONDS NAME...: runs those harnesses of libFuzzer (make fuzz), so long
# each, one after another, and ends in one line for each:
#
#   NAME  N runs, N a second, N edges, N inputs, N findings
#
# What they learn is kept in build/fuzz/corpus/NAME and used the next time; the
# tree's own corpus is only read. Exit 1 when there was a finding: the input is
# in build/fuzz/found/NAME, what it did in build/fuzz/NAME.log. A mended one
# belongs into tests/fuzz/corpus/NAME.
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=$1
shift
out=build/fuzz
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1
# In memory: some write files, and sync them.
memory=/dev/shm
[ -w "$memory" ] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$memory/berth-fuzz.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
failed=0
rm -f "$out/summary.now"
for name; do
  mkdir -p "$out/corpus/$name" "$out/found/$name"
  before=$(find "$out/found/$name" -type f | wc -l)
  dictionary=()
  [ ! -f "tests/fuzz/$name.dict" ] ||
    dictionary=("-dict=tests/fuzz/$name.dict")
  "$out/bin/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$out/found/$name/" \
    ${dictionary[@]+"${dictionary[@]}"} "$out/corpus/$name" \
    "tests/fuzz/corpus/$name" >"$out/$name.log" 2>&1
  status=$?
  found=$(($(find "$out/found/$name" -type f | wc -l) - before))
  # A harness that ends without a finding and without success did not run.
  [ "$status" -eq 0 ] || [ "$found" -gt 0 ] || found=1
  [ "$found" -eq 0 ] || {
    failed=1
    grep -m 5 -E 'ERROR|SUMMARY|runtime error|what\(\)|Test unit written' \
      "$out/$name.log"
  }
  awk -v name="$name" -v found="$found" '
    /number_of_executed_units/ { runs = $2 }
    /average_exec_per_sec/ { rate = $2 }
    / cov: / { for (i = 1; i < NF; i++) {
      if ($i == "cov:") edges = $(i + 1)
      if ($i == "corp:") split($(i + 1), inputs, "/") } }
    END { printf "%-12s %9d runs, %6d a second, %5d edges, %4d inputs, " \
      "%d findings\n", name, runs, rate, edges, inputs[1], found }
    ' "$out/$name.log" | tee -a "$out/summary.now"
done
echo
cat "$out/summary.now"
mv "$out/summary.now" "$out/summary"
exit $failed
