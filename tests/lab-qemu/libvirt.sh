#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt.sh start|stop|restart: libvirtd and virtlogd of the lab's own, with
# the QEMU driver, the pool `default` (the guest image in it as debian12.qcow2)
# and the network `default`: a bridge where guests get address and name by DHCP
# (10.77.1.100 and on; NAME.qa.lab). Guests live on when it stops, and are found
# again when it starts. Inside the lab its address is qemu:///system. With
# LAB_BARE=1 there is the network alone, as when libvirt has just been installed.
. "$(dirname "$0")/../lab/common.sh"
enter_lab "$(readlink -f "$0")" "$@"
need_programs libvirtd virtlogd virsh dnsmasq qemu-system-x86_64 qemu-img
dir=$LAB_DIR/libvirt
place=/var/lib/libvirt/images
uri=$(lab_get LIBVIRT_URI)

# private FOLDER: an empty one of the lab's own in its place. Where the machine
# has none, its parent is covered by an overlay, so that none is made there.
private() {
  local parent=${1%/*} upper
  if [ ! -d "$1" ]; then
    upper=$LAB_DIR/cover$parent
    install -d "$upper"
    mount -t tmpfs -o mode=0755 tmpfs "$upper"
    mkdir "$upper/upper" "$upper/work"
    mount -t overlay overlay -o \
      "lowerdir=$parent,upperdir=$upper/upper,workdir=$upper/work" "$parent" ||
      die "no overlay over $parent; make $1 (install libvirt-daemon-system)"
    mkdir "$1"
  fi
  mount -t tmpfs -o mode=0755 tmpfs "$1"
}

configure() {
  local folder
  for folder in /etc/libvirt /var/lib/libvirt /var/cache/libvirt \
    /var/log/libvirt; do
    private "$folder"
  done
  # Disks are no matter for a memory's file system.
  install -d -m 0755 "$dir" "$dir/images" "$place"
  mount --bind "$dir/images" "$place"
  # Guests are emulated. Where root can open /dev/kvm and QEMU's user cannot,
  # libvirt takes what it knows of QEMU for outdated each time that it looks, and
  # a definition takes seven seconds.
  if [ -e /dev/kvm ]; then
    touch "$dir/no-kvm"
    mount --bind "$dir/no-kvm" /dev/kvm
  fi
  # Only berth may connect: the web side must not reach a hypervisor.
  cat >/etc/libvirt/libvirtd.conf <<EOS
unix_sock_group = "berth"
unix_sock_ro_perms = "0770"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
EOS
  cat >/etc/libvirt/qemu.conf <<EOS
user = "libvirt-qemu"
group = "libvirt-qemu"
security_driver = "none"
namespaces = []
cgroup_controllers = []
EOS
}

pool() {
  local image
  image=$("$lab_source/../lab-qemu/image.sh")
  touch "$place/debian12.qcow2"
  mount --bind "$image" "$place/debian12.qcow2"
  mount -o remount,bind,ro "$place/debian12.qcow2"
  virsh -q -c "$uri" pool-define-as default dir --target "$place"
  virsh -q -c "$uri" pool-start default
  virsh -q -c "$uri" pool-autostart default
}

network() {
  cat >"$dir/network.xml" <<'EOS'
<network>
  <name>default</name>
  <forward mode='open'/>
  <bridge name='virbr0' stp='off' delay='0'/>
  <domain name='qa.lab' localOnly='yes'/>
  <ip address='10.77.1.1' netmask='255.255.255.0'>
    <dhcp><range start='10.77.1.100' end='10.77.1.199'/></dhcp>
  </ip>
</network>
EOS
  virsh -q -c "$uri" net-define "$dir/network.xml"
  virsh -q -c "$uri" net-start default
  virsh -q -c "$uri" net-autostart default
}

start() {
  local new=
  [ -d "$dir" ] || { configure; new=1; }
  rm -f /run/libvirt/libvirt-sock* "$LAB_DIR/run/libvirtd.pid"
  part_runs virtlogd || part_start virtlogd virtlogd
  wait_for 10 virtlogd test -S /run/libvirt/virtlogd-sock
  # libvirtd writes its pid where part_stop looks for it.
  if part_runs reaper; then
    kill -USR1 "$(part_pid reaper)"
  else
    part_start reaper /usr/bin/python3 "$lab_source/../lab-qemu/reaper.py" \
      libvirtd -p "$LAB_DIR/run/libvirtd.pid"
  fi
  wait_for 30 libvirtd virsh -c "$uri" list ||
    die "$(tail -n 20 "$LAB_DIR/log/reaper.log")"
  [ -n "$new" ] || return 0
  {
    network && { [ -n "${LAB_BARE:-}" ] || pool; }
  } >>"$LAB_DIR/log/libvirt.log" 2>&1 ||
    die "$(tail "$LAB_DIR/log/libvirt.log")"
}

stop() { part_stop libvirtd; }

part_main "$@"
