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
rounds=${1:-10}
api() { curl -sf -u "$BERTH_USER:$BERTH_PASSWORD" "$@"; }

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
  reply=$(api -X POST "$BERTH_URL/api/servers/qa6/builds" \
    -d application=shop -d path=trunk -d database=newest -d checkout=true)
  job=$(jq -r .job <<<"$reply") token=$(jq -r .token <<<"$reply")
  for ((n = 0; n < 600; n++)); do
    state=$(api "$BERTH_URL/api/jobs/$job" | jq -r .state)
    [ "$state" = queued ] || [ "$state" = running ] || break
    sleep 0.1
  done
  receipt=$(date -r "$SPOOL_DIR/receipts/$token.json" +%s%3N)
  first=$(api "$BERTH_URL/api/jobs/$job" | jq -r '.steps[0].started_at')
  waits+=($(($(date -d "$first" +%s%3N) - receipt)))
done

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
most() { printf '%s\n' "$@" | sort -n | tail -n 1; }
echo "receipt to first step: median $(median "${waits[@]}") ms, most" \
  "$(most "${waits[@]}") ms of $rounds (budget 20 ms)"
echo "dd of 512 bytes with fsync: median $(median "${fsyncs[@]}") us," \
  "most $(most "${fsyncs[@]}") us (with the start of dd)"
