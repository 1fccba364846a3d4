#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Proportional set size of berthd, one berth-watch and one berth.fcgi of a
# running lab (demo.env at the top of the tree), in KiB, and their sum beside
# the budget of 24 MB. Reads /proc only.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=/dev/null
. ./demo.env

# shellcheck source=tests/bench/bench.bash
. tests/bench/bench.bash

# Processes named $1 below process $2, or of the lab's web user.
child_named() {
  local stat pid
  for stat in /proc/[0-9]*/stat; do
    pid=${stat#/proc/} pid=${pid%/stat}
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] || continue
    [ -z "$2" ] || [ "$(awk '{ print $4 }' "$stat")" = "$2" ] || continue
    echo "$pid"
    return
  done
}

curl -sf -u "$BERTH_USER:$BERTH_PASSWORD" "$BERTH_URL/api/servers" >/dev/null
web=
for pid in $(pgrep -x berth.fcgi); do
  # Of this lab: it shares berthd's IPC namespace.
  [ "$(readlink "/proc/$pid/ns/ipc")" = \
    "$(readlink "/proc/$BERTHD_PID/ns/ipc")" ] && web=$pid && break
done
watch=$(child_named berth-watch "$BERTHD_PID")
total=0
for what in "berthd $BERTHD_PID" "berth-watch $watch" "berth.fcgi $web"; do
  read -r name pid <<<"$what"
  kib=$(pss "$pid")
  total=$((total + kib))
  printf '%-12s %6d KiB\n' "$name" "$kib"
done
printf '%-12s %6d KiB, budget 24576 KiB, ratio %s\n' sum "$total" \
  "$(awk -v t="$total" 'BEGIN { printf "%.2f", t / 24576 }')"
