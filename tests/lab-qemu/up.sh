#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# up.sh [ARGUMENTS OF tests/lab/up.sh]: a lab whose guests are real: machines
# of QEMU under a libvirtd of its own. Prints its folder; tests/lab/down.sh
# ends it. See README beside it for what is where.
#
# LAB_MACHINES="qa1 qa2": the guests that are made and booted; others can be
# made later (machines.sh add NAME). LAB_BARE=1: a host on which there is nothing
# yet but its network, and a console that does not know it.
here=$(cd "$(dirname "$0")" && pwd)
export LAB_NET=1 LAB_GUESTS=${LAB_GUESTS-}
export LAB_BARE=${LAB_BARE-} LAB_HOST=kvm1
if [ -n "$LAB_BARE" ]; then LAB_MACHINES=; fi
export LAB_MACHINES=${LAB_MACHINES-qa1 qa2}
export LAB_APACHE=${LAB_APACHE:-proxy}
export LAB_DATA_ADDRESS=10.77.2.2 LAB_DATA_CLIENTS=10.77.0.0/16
export LAB_LIBVIRT_URI=qemu:///system
# Where a processor is emulated, machines differ tenfold.
export LAB_DEADLINE=${LAB_DEADLINE:-600}
export LAB_HOST_NAME=%h.qa.lab LAB_SITE_PATTERN='http://{server}.qa.lab/'
export LAB_PARTS="../lab-qemu/network ../lab-qemu/libvirt ../lab-qemu/host_ssh
  ../lab-qemu/machines postgres backup repository ../lab-qemu/light
  ../lab-qemu/booted runner apache"
exec "$here/../lab/up.sh" "$@"
