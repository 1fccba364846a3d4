# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A running lab, of tests/lab or tests/lab-qemu: what lab.env says of it, and how
# to get inside. LAB_DIR names it.

top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
LAB=$top/tests/lab

has_lab() { [ -f "${LAB_DIR:-/nowhere}/lab.env" ]; }

# Its variables are the test's; the programs that it starts get the console's
# address and login.
lab_env() {
  # shellcheck source=/dev/null
  . "$LAB_DIR/lab.env"
  export BERTH_URL BERTH_USER BERTH_PASSWORD
}

# In setup.
need_lab() {
  has_lab || skip "no lab: LAB_DIR is not set (tests/lab/up.sh starts one)"
  lab_env
}

in_lab() { "$LAB/in.sh" "$@"; }
worker() { in_lab -u berth berth-worker "$@"; }
virsh() { in_lab virsh -q -c "$LIBVIRT_URI" "$@"; }

# on GUEST WORD...: as root on that guest. On a virtual machine one word alone is
# a line for its shell.
on() {
  local guest=$1
  shift
  if [ -d "$LAB_DIR/guests/$guest" ]; then
    in_lab chroot "$LAB_DIR/guests/$guest" "$@"
    return
  fi
  [ $# -eq 1 ] || set -- "$(printf '%q ' "$@")"
  "$top/tests/lab-qemu/on.sh" "$guest" "$@"
}
