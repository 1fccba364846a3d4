#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# host_ssh.sh start|stop|restart: an sshd of the libvirt host's, as a host that
# is far away has one. The console's account berth may come in as root, as
# libvirt wants it: qemu+ssh://root@127.0.0.1:2222/system is LIBVIRT_URI again.
. "$(dirname "$0")/../lab/common.sh"
enter_lab "$(readlink -f "$0")" "$@"
need_programs sshd virt-ssh-helper
dir=$LAB_DIR/host_ssh
berth=$LAB_DIR/var/lib/berth/home/.ssh

make_host() {
  install -d -m 0755 "$dir" /run/sshd
  # Without PAM sshd lets nobody in who has "!" for a password; this is the
  # lab's own copy.
  [ /etc -ef "$LAB_DIR/machine/etc" ] || die "not inside the lab"
  sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
  ssh-keygen -q -t ed25519 -N '' -C kvm1 -f "$dir/host_key"
  cp "$berth/id_ed25519.pub" "$dir/authorized_keys"
  printf '[127.0.0.1]:2222 %s\n' "$(cut -d' ' -f1,2 "$dir/host_key.pub")" \
    >"$berth/known_hosts"
  cat >"$dir/sshd_config" <<EOS
ListenAddress 127.0.0.1:2222
HostKey $dir/host_key
AuthorizedKeysFile $dir/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
EOS
}

start() {
  [ -f "$dir/sshd_config" ] || make_host
  part_start host_ssh /usr/sbin/sshd -D -e -f "$dir/sshd_config"
  wait_for 20 "the host's sshd" ssh-keyscan -p 2222 127.0.0.1 ||
    die "$(tail -n 3 "$LAB_DIR/log/host_ssh.log")"
}

stop() { part_stop host_ssh; }

part_main "$@"
