#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt.sh start|stop|restart: a libvirtd of the lab's own.
#
# It serves the test driver to all its clients: a domain started by one is seen
# by the others, with events. The driver forgets everything when its last
# client leaves, so one stays connected (log/libvirt-events.log).
#   virsh -c "$LIBVIRT_URI" list --all
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"
need_programs libvirtd virsh
dir=$LAB_DIR/libvirt
uri=$(lab_get LIBVIRT_URI)

# The machine's own libvirt is out of reach: with its drivers covered, the
# daemon knows the test driver alone (that one is in the library), and all that
# it would read or write is covered too. /run is the lab's own already.
cover() {
  local folder
  for folder in /usr/lib/*/libvirt/connection-driver /etc/libvirt \
    /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
    [ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
  done
}

domain() { # NAME: XML of a small domain
  cat <<EOS
<domain type='test'>
  <name>$1</name>
  <memory unit='MiB'>512</memory>
  <vcpu>1</vcpu>
  <os><type>hvm</type></os>
  <devices>
    <interface type='network'><source network='default'/></interface>
  </devices>
</domain>
EOS
}

define() {
  local guest
  virsh -q -c "$uri" destroy test
  virsh -q -c "$uri" undefine test
  for guest in $lab_guests; do
    domain "$guest" >"$dir/$guest.xml"
    virsh -q -c "$uri" define "$dir/$guest.xml"
    virsh -q -c "$uri" start "$guest"
  done
}

start() {
  if [ ! -d "$dir" ]; then
    cover
    # Only berth may connect: the web side must not reach a hypervisor.
    install -d -o root -g berth -m 0750 "$dir"
    cat >"$dir/libvirtd.conf" <<EOS
unix_sock_dir = "$dir"
unix_sock_group = "berth"
unix_sock_ro_perms = "0770"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
admin_min_workers = 1
min_workers = 2
EOS
  fi
  rm -f "$dir"/libvirt*-sock* /run/libvirtd.pid
  part_start libvirtd libvirtd -f "$dir/libvirtd.conf" -p "$dir/libvirtd.pid"
  wait_for 20 libvirtd virsh -c "$uri" list
  part_start libvirt-events virsh -c "$uri" event --all --loop --timestamp
  define >>"$LAB_DIR/log/libvirt.log" 2>&1 ||
    die "$(tail "$LAB_DIR/log/libvirt.log")"
}

stop() {
  part_stop libvirt-events
  part_stop libvirtd
}

part_main "$@"
