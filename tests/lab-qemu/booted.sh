#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# booted.sh start | wait NAME...: waits until these guests (start: those of
# LAB_MACHINES) answer by ssh, at most BOOT_SECONDS (1200) in all, and notes
# their host keys in known_hosts; somebody who owns the guests would compare
# them by eye.
. "$(dirname "$0")/../lab/common.sh"
enter_lab "$(readlink -f "$0")" "$@"
known=$LAB_DIR/etc/berth/known_hosts

host_key() { # NAME
  ssh-keyscan -T 2 -t ed25519 "$1.qa.lab" 2>/dev/null |
    grep ssh-ed25519 >"$LAB_DIR/tmp/key.$1"
}

wait_all() {
  local name until=$((SECONDS + ${BOOT_SECONDS:-1200}))
  for name; do
    until host_key "$name"; do
      [ "$SECONDS" -lt "$until" ] || die "$name does not answer by ssh: $(
        tail -n 20 "/var/log/libvirt/$name.console" 2>&1)"
      sleep 0.5
    done
    grep -qxFf "$LAB_DIR/tmp/key.$name" "$known" ||
      cat "$LAB_DIR/tmp/key.$name" >>"$known"
  done
}

case "${1:-}" in
  start)
    # shellcheck disable=SC2086 # a list of names
    wait_all ${LAB_MACHINES:-}
    ;;
  wait) shift; wait_all "$@" ;;
  *) die "usage: booted.sh start | wait NAME... (with LAB_DIR set)" ;;
esac
