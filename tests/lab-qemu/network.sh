#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# network.sh start: the namespace `data`, where PostgreSQL, the repository and
# the backup host live (10.77.2.2), behind a router that is the console's own
# namespace (10.77.2.1). The guests' bridge is libvirt's (libvirt.sh). Nothing
# here can be reached from the machine, nor reaches it.
. "$(dirname "$0")/../lab/common.sh"
enter_lab "$(readlink -f "$0")" "$@"
need_programs ip unshare

start() {
  local data
  part_start data unshare --net sleep infinity
  data=$(part_pid data)
  wait_for 5 "the namespace of the data" other_net "$data"
  ip link add data0 type veth peer name eth0 netns "$data"
  ip address add 10.77.2.1/24 dev data0
  ip link set data0 up
  nsenter --net="/proc/$data/ns/net" sh -e <<'EOT'
ip link set lo up
ip address add 10.77.2.2/24 dev eth0
ip link set eth0 up
ip route add default via 10.77.2.1
EOT
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # Names: what the guests tell libvirt's dnsmasq they are called. /etc is the
  # lab's own copy.
  rm -f /etc/resolv.conf
  printf '%s\n' 'nameserver 10.77.1.1' 'options timeout:1 attempts:2' \
    >/etc/resolv.conf
  sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
}

other_net() {
  [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

case "${1:-}" in
  start) start ;;
  *) die "usage: network.sh start (with LAB_DIR set)" ;;
esac
