#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# holder.sh: makes the lab's namespace the lab's, then sleeps in it for ever.
# Only keeper.sh starts it, inside new mount and IPC namespaces.
#
# The machine's /etc is covered with a copy whose passwd, group and shadow also
# know the lab's users, /run and /dev/shm with empty folders; nothing outside the
# namespace sees them. The folder and not the three files: a package installed
# meanwhile replaces them by rename, which takes a mount on a file away.
. "${0%/*}/common.sh"

# add_user NAME UID HOME SHELL: to the copies in machine/etc, in place of a user of
# that name that the machine may have (Berth may be installed on it).
add_user() {
  local etc=$LAB_DIR/machine/etc file
  for file in passwd group shadow; do
    sed -i "/^$1:/d" "$etc/$file"
  done
  if cut -d: -f3 "$etc/passwd" "$etc/group" | grep -qx "$2"; then
    die "uid or gid $2 is taken on this machine; see the top of common.sh"
  fi
  printf '%s:x:%s:%s::%s:%s\n' "$1" "$2" "$2" "$3" "$4" >>"$etc/passwd"
  printf '%s:x:%s:\n' "$1" "$2" >>"$etc/group"
  # `*`, not `!`: no password opens it, but sshd does not call it locked.
  printf '%s:*:19000:0:99999:7:::\n' "$1" >>"$etc/shadow"
}

install -d -m 0755 "$LAB_DIR/etc" "$LAB_DIR/log" "$LAB_DIR/run"
install -d -m 1777 "$LAB_DIR/tmp"
install -d -m 0755 "$LAB_DIR/machine"
cp -a /etc "$LAB_DIR/machine/etc"
add_user berth "$lab_uid_berth" "$LAB_DIR/var/lib/berth/home" /bin/sh
add_user repository "$lab_uid_repository" "$LAB_DIR/repository" /bin/false
add_user libvirt-qemu "$lab_uid_qemu" /nonexistent /bin/false
# Names for the guests' uids, so that a listing can be read.
add_user qa-berth "$lab_uid_guest_berth" /nonexistent /bin/false
add_user qa-shop "$lab_uid_guest_shop" /nonexistent /bin/false
add_user qa-web "$lab_uid_guest_web" /nonexistent /bin/false

mount --bind "$LAB_DIR/machine/etc" /etc
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=0755 tmpfs /run
[ -z "${LAB_NET:-}" ] || ip link set lo up

printf '%s\n' "$$" >"$LAB_DIR/run/.holder.pid"
mv "$LAB_DIR/run/.holder.pid" "$LAB_DIR/run/holder.pid"
exec sleep infinity
