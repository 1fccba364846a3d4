#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backup.sh start|stop|restart: the host `backup`, where dumps lie: an sshd of
# its own whose one key may do one thing, as an admin would have it: read what
# is below backup/dumps, by rsync, which calls that folder /. berth reaches it
# through its ssh_config.
#
# It runs as postgres, who makes the dumps on such a machine. Tests put others
# beside shop.dump, and break the line by stopping it.
. "${0%/*}/common.sh"
lab_place=data
enter_lab "$lab_source/${0##*/}" "$@"
need_programs sshd rsync rrsync
dir=$LAB_DIR/backup

make_host() {
  install -d -o postgres -g postgres -m 0755 "$dir" "$dir/dumps"
  chown postgres:postgres "$dir/host_key" "$dir/host_key.pub"
  printf 'restrict,command="rrsync -ro %s" %s\n' "$dir/dumps" \
    "$(cat "$LAB_DIR/var/lib/berth/home/.ssh/id_ed25519.pub")" \
    >"$dir/authorized_keys"
  # StrictModes would refuse what lies below /tmp.
  cat >"$dir/sshd_config" <<EOS
Port $(lab_get BACKUP_PORT)
ListenAddress $(lab_get DATA_ADDRESS)
HostKey $dir/host_key
PidFile none
AuthorizedKeysFile $dir/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
EOS
}

# The demo's dump, when PostgreSQL is there to have made it.
put_dump() {
  local cache
  cache=$("$lab_source/cache.sh")
  [ ! -f "$cache/shop.dump" ] ||
    install -o postgres -g postgres -m 0640 -p "$cache/shop.dump" \
      "$dir/dumps/shop.dump"
}

start() {
  [ -f "$dir/sshd_config" ] || make_host
  [ -f "$dir/dumps/shop.dump" ] || put_dump
  part_start backup setpriv --reuid=postgres --regid=postgres --init-groups \
    /usr/sbin/sshd -D -e -f "$dir/sshd_config"
  wait_for 20 "the backup host's sshd" ssh-keyscan -p \
    "$(lab_get BACKUP_PORT)" "$(lab_get DATA_ADDRESS)"
}

stop() { part_stop backup; }

part_main "$@"
