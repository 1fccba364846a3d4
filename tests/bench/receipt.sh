#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From a durable receipt to the worker's first step record, in milliseconds,
# over $1 (10) builds on qa6 of a running lab, beside what an fsync of a small
# file costs on the same disk. The receipt's time is its file's, the step's is
# in its record; a copy of the steps is taken from GET /jobs/N.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=/dev/null
. ./demo.env
# shellcheck source=tests/lib/api.bash
. tests/lib/api.bash
# shellcheck source=tests/bench/bench.bash
. tests/bench/bench.bash
rounds=${1:-10}

fsyncs=()
for ((i = 0; i < rounds; i++)); do
  from=$(date +%s%N)
  dd if=/dev/zero of="$SPOOL_DIR/.fsync-bench" bs=512 count=1 conv=fsync \
    status=none
  fsyncs+=($((($(date +%s%N) - from) / 1000)))
done
rm -f "$SPOOL_DIR/.fsync-bench"

waits=()
for ((i = 0; i < rounds; i++)); do
  reply=$(call_api servers/qa6/builds -X POST \
    -d application=shop -d path=trunk -d database=newest -d checkout=true)
  job=$(jq -r .job <<<"$reply") token=$(jq -r .token <<<"$reply")
  for ((n = 0; n < 600; n++)); do
    state=$(call_api "jobs/$job" | jq -r .state)
    [ "$state" = queued ] || [ "$state" = running ] || break
    sleep 0.1
  done
  receipt=$(date -r "$SPOOL_DIR/receipts/$token.json" +%s%3N)
  first=$(call_api "jobs/$job" | jq -r '.steps[0].started_at')
  waits+=($(($(date -d "$first" +%s%3N) - receipt)))
done

numbers() { printf '%s\n' "$@"; }
echo "receipt to first step: median $(numbers "${waits[@]}" | median -) ms, most" \
  "$(numbers "${waits[@]}" | most -) ms of $rounds (budget 20 ms)"
echo "dd of 512 bytes with fsync: median $(numbers "${fsyncs[@]}" | median -) us," \
  "most $(numbers "${fsyncs[@]}" | most -) us (with the start of dd)"
