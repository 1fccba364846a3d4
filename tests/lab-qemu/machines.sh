#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# machines.sh start: makes and starts the guests of LAB_MACHINES, without
# waiting for them. machines.sh add NAME: one more. As an administrator would
# by hand: an overlay over the image, a NoCloud seed with the name and root's
# key, define, start.
. "$(dirname "$0")/../lab/common.sh"
enter_lab "$(readlink -f "$0")" "$@"
need_programs virsh genisoimage ssh-keygen
dir=$LAB_DIR/libvirt
uri=$(lab_get LIBVIRT_URI)

# The administrator's key, with which root on a new guest is reached.
admin_key() {
  [ -f "$LAB_DIR/admin/id_ed25519" ] || {
    install -d -m 0700 "$LAB_DIR/admin"
    ssh-keygen -q -t ed25519 -N '' -C admin -f "$LAB_DIR/admin/id_ed25519"
    cat >"$LAB_DIR/admin/ssh_config" <<EOS
Host *
  HostName %h.qa.lab
  User root
  IdentityFile $LAB_DIR/admin/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $LAB_DIR/etc/berth/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  LogLevel ERROR
EOS
  }
  cat "$LAB_DIR/admin/id_ed25519.pub"
}

seed() { # NAME FOLDER: an ISO's three files
  install -d "$2"
  printf 'instance-id: %s\nlocal-hostname: %s\n' "$1" "$1" >"$2/meta-data"
  cat >"$2/user-data" <<EOS
#cloud-config
users: []
disable_root: false
ssh_authorized_keys: ["$(admin_key)"]
EOS
  cat >"$2/network-config" <<'EOS'
version: 2
ethernets:
  eth0: {dhcp4: true, dhcp6: false}
EOS
  genisoimage -quiet -output "$dir/images/$1-seed.iso" -volid cidata -joliet \
    -rock "$2/meta-data" "$2/user-data" "$2/network-config"
}

# A processor of few features: what an emulated one has to save and clear at each
# change of process is a tenth of its time.
domain() { # NAME
  cat <<EOS
<domain type='qemu'>
  <name>$1</name>
  <memory unit='MiB'>512</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type><boot dev='hd'/></os>
  <features><acpi/></features>
  <cpu mode='custom'><model>qemu64</model></cpu>
  <clock offset='utc'/>
  <devices>
    <disk type='volume' device='disk'>
      <driver name='qemu' type='qcow2' cache='unsafe'/>
      <source pool='default' volume='$1.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='volume' device='disk'>
      <driver name='qemu' type='raw'/>
      <source pool='default' volume='$1-seed.iso'/>
      <target dev='vdb' bus='virtio'/><readonly/>
    </disk>
    <interface type='network'>
      <source network='default'/><model type='virtio'/>
    </interface>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <serial type='pty'>
      <log file='/var/log/libvirt/$1.console' append='on'/>
    </serial>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>
EOS
}

add() { # NAME
  virsh -q -c "$uri" vol-create-as default "$1.qcow2" 4G --format qcow2 \
    --backing-vol debian12.qcow2 --backing-vol-format qcow2
  seed "$1" "$dir/seed-$1"
  virsh -q -c "$uri" pool-refresh default
  domain "$1" >"$dir/$1.xml"
  virsh -q -c "$uri" define "$dir/$1.xml"
  virsh -q -c "$uri" start "$1"
}

case "${1:-}" in
  start)
    for name in ${LAB_MACHINES:-}; do add "$name"; done
    ;;
  add) add "$2" ;;
  *) die "usage: machines.sh start | add NAME (with LAB_DIR set)" ;;
esac
