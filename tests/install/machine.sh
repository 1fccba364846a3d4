#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine of its own for the units, without a disk or a kernel: systemd as
# process 1 of new namespaces, over a copy of this system (an overlay, in
# memory) with what `make install` staged in it. It has no network but lo, runs
# nothing but what it is asked to, and ends with its first process.
#
#   machine.sh boot FOLDER STAGED   does not return; FOLDER is empty
#   machine.sh in FOLDER COMMAND    a command in it, as root
#   machine.sh end FOLDER           kills it and takes its cgroup away
#
# Needs root, overlayfs and cgroup v2 (systemd is given a cgroup below ours).
set -euo pipefail
action=$1 folder=$(readlink -f "$2")
shift 2
self=$(readlink -f "$0")

# In a mount namespace of its own: our cgroup, and the machine's below it.
cgroup() {
  mkdir -p "$folder/cgroups"
  mount -t cgroup2 none "$folder/cgroups"
  # The line of version 2 has no names of controllers.
  echo "$folder/cgroups$(sed -n 's/^0:://p' /proc/self/cgroup)/berth-units-$(
    stat -c %i "$folder")"
}

boot() {
  local own
  own=$(cgroup)
  mkdir -p "$own"
  echo $$ >"$own/cgroup.procs"
  exec unshare --mount --pid --cgroup --uts --ipc --net --fork --kill-child \
    "$self" root "$folder" "$@"
}

# Still this system's root, in the new namespaces.
root() {
  local root=$folder/memory/root node
  mkdir -p "$folder/memory"
  mount -t tmpfs none "$folder/memory"
  mkdir "$folder/memory/"{upper,work,root}
  mount -t overlay none "$root" -o \
    "lowerdir=/,upperdir=$folder/memory/upper,workdir=$folder/memory/work"
  cp -R --preserve=mode "$1/." "$root/"
  # Nothing of this machine's is started there.
  rm -rf "$root"/etc/systemd/system/*.wants
  printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' \
    >"$root/etc/systemd/system/units.target"
  for node in run tmp dev; do
    mount -t tmpfs -o mode=755 none "$root/$node"
  done
  chmod 1777 "$root/tmp"
  mount -t proc none "$root/proc"
  mount -t sysfs -o ro none "$root/sys"
  mount -t tmpfs none "$root/sys/fs/cgroup" 2>/dev/null || true
  mount -t cgroup2 none "$root/sys/fs/cgroup"
  for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
  done
  ln -s /proc/self/fd "$root/dev/fd"
  mkdir "$root/dev/shm" "$root/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 none "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  mkdir "$root/.old"
  cd "$root"
  pivot_root . .old
  # shellcheck disable=SC2016 # for the shell inside
  exec env -i container=berth PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    chroot . sh -c 'umount -l /.old && mount --make-rshared / && exec "$@"' sh \
    /lib/systemd/systemd --system --unit=units.target --show-status=no \
    --log-target=journal </dev/null
}

# Its process 1, as this machine numbers it.
first() {
  local own process
  own=$(sed -n 's/^0:://p' /proc/self/cgroup)/berth-units-$(
    stat -c %i "$folder")
  for process in /proc/[0-9]*; do
    grep -q "^0::${own//\/\//\/}/init.scope$" "$process/cgroup" 2>/dev/null ||
      continue
    echo "${process#/proc/}"
    return
  done
  return 1
}

case $action in
  boot)
    # shellcheck disable=SC2093 # it ends here
    exec unshare --mount "$self" join "$folder" "$@"
    ;;
  join) boot "$@" ;;
  root) root "$@" ;;
  in)
    exec nsenter -t "$(first)" -m -p -C -u -i -n -r -w \
      env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ;;
  end)
    kill -KILL "$(first)" 2>/dev/null || true
    exec unshare --mount "$self" gone "$folder"
    ;;
  gone)
    own=$(cgroup)
    for _ in {1..100}; do
      find "$own" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -e "$own" ] || break
      sleep 0.1
    done
    umount "$folder/cgroups"
    ;;
esac
