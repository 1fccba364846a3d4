#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# down.sh [DIR]: stops the lab in DIR (or LAB_DIR) and waits until it is gone.
. "$(dirname "$0")/common.sh"
need_root
LAB_DIR=${1:-${LAB_DIR:?usage: down.sh DIR}}
[ -d "$LAB_DIR" ] || exit 0
pid=$(cat "$LAB_DIR/run/keeper.pid" 2>/dev/null || true)
if [ -n "$pid" ] && grep -qz keeper.sh "/proc/$pid/cmdline" 2>/dev/null; then
  kill -TERM "$pid" 2>/dev/null || true
fi
gone() { [ ! -e "$LAB_DIR" ]; }
# Deleting some 40,000 files takes a while on a busy disk.
wait_for 180 "the end of $LAB_DIR" gone ||
  die "$(cat "$LAB_DIR/keeper.log" 2>&1)"
