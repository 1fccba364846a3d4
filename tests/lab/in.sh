#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# in.sh [-u USER] COMMAND...: runs a command inside the lab in LAB_DIR, as root
# or as one of its users: in.sh berthctl status; in.sh -u berth psql ...
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"
cd "$LAB_DIR"
export BERTH_CONFIG=$LAB_DIR/etc/berth/berth.conf
export PATH=$LAB_DIR/usr/bin:$LAB_DIR/usr/sbin:$PATH
if [ "${1:-}" = -u ]; then
  user=$2
  shift 2
  as "$user" env BERTH_CONFIG="$BERTH_CONFIG" "$@"
else
  exec "$@"
fi
