#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# runner.sh start|stop|restart: berthd, as the user berth. Its pid, which is
# BERTHD_PID in demo.env, changes with a restart.
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"

# Its heartbeat says that it has recovered and takes drops.
awake() { [ -s "$(lab_get STATE_DIR)/health.json" ]; }

start() {
  "$lab_source/programs.sh"
  [ -x "$LAB_DIR/usr/sbin/berthd" ] || die "build/bin/berthd is not built"
  rm -f "$(lab_get STATE_DIR)/health.json"
  part_start berthd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    HOME="$LAB_DIR/var/lib/berth/home" USER=berth LOGNAME=berth LANG=C.UTF-8 \
    TMPDIR="$LAB_DIR/tmp" BERTH_CONFIG="$(lab_get BERTH_CONFIG)" \
    setpriv --reuid=berth --regid=berth --init-groups --inh-caps=-all \
    "$LAB_DIR/usr/sbin/berthd"
  wait_for 20 berthd awake || die "$(tail -n 20 "$LAB_DIR/log/berthd.log")"
}

stop() { part_stop berthd; }

part_main "$@"
