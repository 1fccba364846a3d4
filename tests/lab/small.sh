#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# small.sh start|stop|restart|fill BYTES|empty: a second PostgreSQL, of the
# same version as the lab's, on a file system of its own of SMALL_SIZE (240M),
# so that a disk can be full without it being the machine's. `fill` leaves that
# many bytes free, `empty` gives the rest back. Not part of up.sh. Socket in
# LAB_DIR/small/socket, port 5419; everybody is trusted who may go there: root
# and the lab's berth. The file system is memory and ends with the lab.
. "$(dirname "$0")/common.sh"
enter_lab "$(readlink -f "$0")" "$@"

dir=$LAB_DIR/small
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
export PGPORT=5419 PGHOST=$dir/socket PGUSER=postgres

make_cluster() {
  install -d -m 0755 "$dir" "$dir/disk"
  mount -t tmpfs -o "size=${SMALL_SIZE:-240M}" tmpfs "$dir/disk"
  install -d -o postgres -g "$lab_uid_berth" -m 0750 "$dir/socket"
  install -d -o postgres -g postgres -m 0700 "$dir/disk/data"
  as postgres "$bin/initdb" -D "$dir/disk/data" --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 >"$LAB_DIR/log/initdb-small.log" 2>&1 ||
    die "initdb: $(tail -n 3 "$LAB_DIR/log/initdb-small.log")"
  cat >>"$dir/disk/data/postgresql.conf" <<EOS
listen_addresses = ''
port = $PGPORT
unix_socket_directories = '$dir/socket'
shared_buffers = 16MB
max_connections = 20
max_wal_size = 64MB
fsync = off
EOS
}

# What the README tells an administrator to grant, and nothing more.
make_roles() {
  psql -qX -v ON_ERROR_STOP=1 -d postgres <<EOS
CREATE ROLE shop LOGIN;
CREATE ROLE berth LOGIN NOSUPERUSER CREATEDB IN ROLE shop;
GRANT pg_signal_backend TO berth;
EOS
}

start() {
  local new=
  [ -d "$dir/disk/data" ] || { make_cluster; new=1; }
  part_start small setpriv --reuid=postgres --regid=postgres \
    --init-groups "$bin/postgres" -D "$dir/disk/data"
  wait_for 30 "the small PostgreSQL" psql -qX -d postgres -c 'SELECT 1' ||
    die "$(tail -n 20 "$LAB_DIR/log/small.log")"
  [ -z "$new" ] || make_roles
}

stop() { part_stop small INT; }

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
