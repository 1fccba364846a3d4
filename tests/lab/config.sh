#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# config.sh make: chooses the lab's ports and passwords (lab.env, root's alone)
# and writes what an administrator would: etc/berth with berth.conf, secrets,
# templates, ssh_config and known_hosts; ~berth/.pgpass and key; the folders of
# the spool. up.sh calls it once, before any part.
. "$(dirname "$0")/common.sh"
enter_lab "$(readlink -f "$0")" "$@"
etc=$LAB_DIR/etc/berth
home=$LAB_DIR/var/lib/berth/home

password() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

choose() {
  local port guest
  chmod 0600 "$LAB_DIR/lab.env"
  mapfile -t port < <(ports 18)
  set_lab PGHOST "$LAB_DIR/postgres/socket"
  set_lab PGPORT "${port[0]}"
  set_lab SVN_PORT "${port[1]}"
  set_lab SVN_URL "svn://127.0.0.1:${port[1]}/shop"
  set_lab GIT_PORT "${port[2]}"
  set_lab GIT_URL "git://127.0.0.1:${port[2]}/shop.git"
  set_lab APACHE_PORT "${port[3]}"
  set_lab BERTH_URL "http://127.0.0.1:${port[3]}/berth"
  set_lab SITE_PORT "${port[4]}"
  set_lab SITE_URL "http://127.0.0.1:${port[4]}"
  set_lab BACKUP_PORT "${port[5]}"
  port=("${port[@]:6}")
  for guest in $lab_guests; do
    set_lab "SSH_PORT_$guest" "${port[0]}"
    set_lab "HTTP_PORT_$guest" "${port[1]}"
    port=("${port[@]:2}")
  done
  set_lab LIBVIRT_URI \
    "test+unix:///default?socket=$LAB_DIR/libvirt/libvirt-sock"
  set_lab BERTH_DATABASE_PASSWORD "$(password)"
  set_lab SHOP_DATABASE_PASSWORD "$(password)"
  set_lab BERTH_USER alice
  set_lab BERTH_PASSWORD "$(password)"
  set_lab BERTH_USER2 bob
  set_lab BERTH_PASSWORD2 "$(password)"
  set_lab BERTH_ADMIN carol
  set_lab BERTH_ADMIN_PASSWORD "$(password)"
  set_lab SPOOL_DIR "$LAB_DIR/var/spool/berth"
  set_lab STATE_DIR "$LAB_DIR/var/lib/berth/state"
  set_lab HISTORY_DIR "$LAB_DIR/var/lib/berth/history"
  set_lab LOG_DIR "$LAB_DIR/var/log/berth"
  set_lab BERTH_CONFIG "$etc/berth.conf"
}

# Tests begin without spares and scripts; LAB_DEMO=1 has both.
# application NAME KIND REPOSITORY
application() {
  cat <<EOS

[application.$1]
repository = "$3"
kind = "$2"
cluster = "db1"
database = "$1_{server}"
owner = "shop"
dump = "backup:/shop.dump"
${LAB_DEMO:+spares = 1
}root = "/srv/$1"
shared = ["media"]
url = "$(lab_get SITE_URL)/{server}/"
verify = { path = "/", status = 200, contains = "Shop" }

[application.$1.set]
DEBUG = false
EOS
}

write_conf() {
  {
    cat <<EOS
# The lab's console; made by tests/lab/config.sh.
[console]
title = "Demo test servers"
url = "$(lab_get BERTH_URL)"
default_hold = "8h"
longest_hold = "5d"
admins = ["$(lab_get BERTH_ADMIN)"]
web_user = "www-data"
disk_floor = "64M"

[paths]
spool = "$LAB_DIR/var/spool/berth"
lib = "$LAB_DIR/var/lib/berth"
log = "$LAB_DIR/var/log/berth"
run = "$LAB_DIR/run/berth"
cache = "$LAB_DIR/var/cache/berth"

[host.lab1]
uri = "$(lab_get LIBVIRT_URI)"
servers = "qa*"

[cluster.db1]
conninfo = "host=127.0.0.1 port=$(lab_get PGPORT) user=berth dbname=postgres"
copies = 1
disk_floor = "256M"
EOS
    application shop svn "$(lab_get SVN_URL)"
    application shopgit git "$(lab_get GIT_URL)"
  } >"$etc/berth.conf"
}

write_secrets() {
  local name
  for name in shop shopgit; do
    install -d -o root -g berth -m 0750 "$etc/secrets/$name"
    lab_get SHOP_DATABASE_PASSWORD | tr -d '\n' \
      >"$etc/secrets/$name/database_password"
    printf '%s%s' "$(password)" "$(password)" \
      >"$etc/secrets/$name/secret_key"
    chown root:berth "$etc/secrets/$name/"*
    chmod 0640 "$etc/secrets/$name/"*
  done
  printf '%s\n' "127.0.0.1:$(lab_get PGPORT):*:berth:$(
    lab_get BERTH_DATABASE_PASSWORD)" >"$home/.pgpass"
  install -d -o berth -g berth -m 0700 "$home/.ssh"
  ssh-keygen -q -t ed25519 -N '' -C "berth@lab" -f "$home/.ssh/id_ed25519"
  chown berth:berth "$home/.pgpass" "$home/.ssh/"*
  chmod 0600 "$home/.pgpass" "$home/.ssh/id_ed25519"
}

write_ssh() {
  local guest
  for guest in $lab_guests; do
    install -d -m 0755 "$LAB_DIR/guests/$guest/etc/ssh"
    ssh-keygen -q -t ed25519 -N '' -C "$guest" \
      -f "$LAB_DIR/guests/$guest/etc/ssh/ssh_host_ed25519_key"
    printf '%s %s\n' "$guest" "$(cut -d' ' -f1,2 \
      "$LAB_DIR/guests/$guest/etc/ssh/ssh_host_ed25519_key.pub")" \
      >>"$etc/known_hosts"
    cat >>"$etc/ssh_config" <<EOS
Host $guest
  Port $(lab_get "SSH_PORT_$guest")
  HostKeyAlias $guest

EOS
  done
  install -d "$LAB_DIR/backup"
  ssh-keygen -q -t ed25519 -N '' -C backup -f "$LAB_DIR/backup/host_key"
  printf 'backup %s\n' "$(cut -d' ' -f1,2 "$LAB_DIR/backup/host_key.pub")" \
    >>"$etc/known_hosts"
  cat >>"$etc/ssh_config" <<EOS
Host backup
  Port $(lab_get BACKUP_PORT)
  HostKeyAlias backup
  User postgres

Host *
  HostName 127.0.0.1
  User berth
  IdentityFile $home/.ssh/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $etc/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
EOS
}

write_templates() {
  local name
  for name in shop shopgit; do
    cp -R "$top/templates/django" "$etc/templates/$name"
  done
  [ -n "${LAB_DEMO:-}" ] || return 0
  cp -R "$lab_source/sql/scrub" "$etc/scrub/shop"
  cp -R "$lab_source/sql/claim" "$etc/claim/shop"
}

# The table that ships says who owns what; this does what systemd-tmpfiles
# does with its lines, for a root folder that is the lab's.
make_folders() {
  local type path mode user group rest
  while read -r type path mode user group rest; do
    [ "$type" = d ] || continue
    install -d -m "$mode" -o "$user" -g "$group" "$path"
  done < <(sed -e "s|@sysconfdir@|$LAB_DIR/etc|" \
    -e "s|@localstatedir@|$LAB_DIR/var|" -e "s|@runstatedir@|$LAB_DIR/run|" \
    -e "s|@web_group@|www-data|" "$top/systemd/tmpfiles.conf.in")
}

[ "${1:-}" = make ] || die "usage: config.sh make (up.sh does it)"
make_folders
choose
write_conf
write_secrets
write_ssh
write_templates
