#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# small.sh start|stop|restart|fill BYTES|empty: a second PostgreSQL, of the
# same version as the lab's, on a file system of its own of SMALL_SIZE (240M),
# so that a disk can be full without it being the machine's. `fill` leaves that
# many bytes free, `empty` gives the rest back. Not part of up.sh. Socket in
# LAB_DIR/small/socket, port 5419; everybody is trusted who may go there: root
# and the lab's berth. The file system is memory and ends with the lab.
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"
. "${0%/*}/cluster.sh"

part=small dir=$LAB_DIR/small
bin=$(installed_postgres) data=$dir/disk/data
export PGPORT=5419 PGHOST=$dir/socket PGUSER=postgres

make_cluster() {
  install -d -m 0755 "$dir" "$dir/disk"
  mount -t tmpfs -o "size=${SMALL_SIZE:-240M}" tmpfs "$dir/disk"
  install -d -o postgres -g "$lab_uid_berth" -m 0750 "$dir/socket"
  cluster_init trust C.UTF-8 <<EOS || die "initdb failed"
listen_addresses = ''
shared_buffers = 16MB
max_connections = 20
max_wal_size = 64MB
fsync = off
EOS
}

start() {
  local new=
  [ -d "$dir/disk/data" ] || { make_cluster; new=1; }
  cluster_start
  [ -z "$new" ] || cluster_roles </dev/null
}

fill() {
  local free
  free=$(df -B1 --output=avail "$dir/disk" | tail -n 1)
  [ "$free" -gt "$1" ] || die "only $free bytes are free on $dir/disk"
  fallocate -l "$((free - $1))" "$dir/disk/ballast"
}

case "${1:-}" in
  fill) fill "$2" ;;
  empty) rm -f "$dir/disk/ballast" ;;
  *) part_main "$@" ;;
esac
