#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# up.sh [--without PART,...] [--only PART,...] [--owner PID]: starts a lab,
# prints its folder and returns. See README beside it.
#
# --owner PID: the lab goes when that process goes, however it dies. Without
# it, the lab stays until `down.sh DIR`. Nothing is left when starting fails.
# LAB_APACHE=proxy: the console's Apache by mod_proxy_fcgi. LAB_LIGHT=1: a
# repository of a few dozen files.
. "$(dirname "$0")/common.sh"

parts=${LAB_PARTS:-postgres backup repository guests libvirt runner apache}
owner=0
while [ $# -gt 0 ]; do
  case "$1" in
    --only) parts=${2//,/ } ;;
    --without)
      for part in ${2//,/ }; do
        parts=$(printf ' %s ' "$parts" | sed "s/ $part / /")
      done
      ;;
    --owner) owner=$2 ;;
    *) die "usage: up.sh [--without PART,...] [--only PART,...] [--owner PID]" ;;
  esac
  shift 2
done

need_root
need_programs unshare nsenter setpriv setsid python3
# Short, because socket paths below it must stay within 107 bytes.
LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/berth-lab.XXXXXX")
export LAB_DIR
chmod 0755 "$LAB_DIR"
started=
undo() {
  [ -n "$started" ] || {
    say "the lab in $LAB_DIR did not start; it is taken away"
    "$lab_source/down.sh" "$LAB_DIR"
  }
}
trap undo EXIT
trap 'exit 130' INT TERM
install -d "$LAB_DIR/run"
setsid "$lab_source/keeper.sh" "$LAB_DIR" "$owner" </dev/null \
  >"$LAB_DIR/keeper.log" 2>&1 &
printf '%s\n' "$!" >"$LAB_DIR/run/keeper.pid"
disown "$!"
wait_for 10 "the keeper" test -f "$LAB_DIR/run/holder.pid" ||
  die "$(cat "$LAB_DIR/keeper.log")"

: >"$LAB_DIR/lab.env"
set_lab LAB_DIR "$LAB_DIR"
"$lab_source/config.sh" make
for part in $parts; do
  if [ "$part" = apache ]; then
    "$lab_source/apache.sh" start "${LAB_APACHE:-fcgid}"
  else
    "$lab_source/$part.sh" start
  fi
done
started=1
printf '%s\n' "$LAB_DIR"
