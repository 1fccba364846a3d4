#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# config.sh make: chooses the lab's ports and passwords (lab.env, root's alone)
# and writes what an administrator would: etc/berth with berth.conf, secrets,
# templates, ssh_config and known_hosts; ~berth/.pgpass and key; the folders of
# the spool. up.sh calls it once, before any part. What another kind of lab has
# otherwise comes by the environment: LAB_DATA_ADDRESS, where PostgreSQL and the
# repository are, LAB_DATA_CLIENTS, from where, LAB_LIBVIRT_URI and LAB_HOST,
# its name in berth.conf, LAB_HOST_NAME and LAB_SITE_PATTERN, how a guest and its
# site are found. With LAB_BARE=1 there is no host in it. LAB_DEADLINE=N: seconds
# for each step and page that has fewer, for guests that are emulated.
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"
etc=$LAB_DIR/etc/berth
home=$LAB_DIR/var/lib/berth/home
data=${LAB_DATA_ADDRESS:-127.0.0.1}

password() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

choose() {
  local port guest pattern uri
  chmod 0600 "$LAB_DIR/lab.env"
  part_start ports /usr/bin/python3 "$lab_source/ports.py" 19 "$LAB_DIR/ports"
  wait_for 10 "19 free ports" test -f "$LAB_DIR/ports" ||
    die "$(cat "$LAB_DIR/log/ports.log")"
  mapfile -t port <"$LAB_DIR/ports"
  set_lab DATA_ADDRESS "$data"
  set_lab DATA_CLIENTS "${LAB_DATA_CLIENTS:-127.0.0.1/32}"
  set_lab PGHOST "$LAB_DIR/postgres/socket"
  set_lab PGPORT "${port[0]}"
  set_lab SVN_PORT "${port[1]}"
  set_lab SVN_URL "svn://$data:${port[1]}/shop"
  set_lab GIT_PORT "${port[2]}"
  set_lab GIT_URL "git://$data:${port[2]}/shop.git"
  set_lab APACHE_PORT "${port[3]}"
  set_lab BERTH_URL "http://127.0.0.1:${port[3]}/berth"
  set_lab SITE_PORT "${port[4]}"
  set_lab SITE_URL "http://127.0.0.1:${port[4]}"
  pattern="http://127.0.0.1:${port[4]}/{server}/"
  set_lab SITE_PATTERN "${LAB_SITE_PATTERN:-$pattern}"
  set_lab BACKUP_PORT "${port[5]}"
  set_lab SITE_TLS_PORT "${port[18]}"
  set_lab SITE_TLS_URL "https://127.0.0.1:${port[18]}"
  port=("${port[@]:6}")
  for guest in $lab_guests; do
    set_lab "SSH_PORT_$guest" "${port[0]}"
    set_lab "HTTP_PORT_$guest" "${port[1]}"
    port=("${port[@]:2}")
  done
  uri="test+unix:///default?socket=$LAB_DIR/libvirt/libvirt-sock"
  set_lab LIBVIRT_URI "${LAB_LIBVIRT_URI:-$uri}"
  set_lab BERTH_DATABASE_PASSWORD "$(password)"
  set_lab SHOP_DATABASE_PASSWORD "$(password)"
  set_lab RESTORE_DATABASE_PASSWORD "$(password)"
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

# Tests begin without spares and scripts; LAB_DEMO=1 has both. The dumps of one
# run as a role of their own, those of the other as berth.
# application NAME KIND REPOSITORY
application() {
  local restore=
  [ "$1" != shop ] || restore='restore_user = "shop_restore"'
  cat <<EOS

[application.$1]
repository = "$3"
kind = "$2"
cluster = "db1"
database = "$1_{server}"
owner = "shop"
${restore:+$restore
}dump = "backup:/shop.dump"
${LAB_DEMO:+spares = 1
}root = "/srv/$1"
shared = ["media"]
url = "$(lab_get SITE_PATTERN)"
verify = { path = "/", status = 200, contains = "Shop"\
${LAB_DEADLINE:+, timeout = \"${LAB_DEADLINE}s\"} }
$(deadlines "$1")
[application.$1.set]
DEBUG = false
MOTTO = "Käse für \"Jörg\" 🧀"
EOS
}

# deadlines APPLICATION: of the steps that have two minutes where nothing is set.
deadlines() {
  local step
  [ -n "${LAB_DEADLINE:-}" ] || return 0
  printf '\n[application.%s.deadline]\n' "$1"
  for step in preflight render switch restart verify; do
    echo "$step = \"${LAB_DEADLINE}s\""
  done
}

host() {
  cat <<EOS

[host.${LAB_HOST:-lab1}]
uri = "$(lab_get LIBVIRT_URI)"
servers = "qa*"
EOS
}

# A cluster elsewhere must prove who it is: its certificate is postgres.sh's.
tls() {
  [ "$data" = 127.0.0.1 ] ||
    echo " sslmode=verify-full sslrootcert=$etc/db1.crt"
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

[cluster.db1]
conninfo = "host=$data port=$(lab_get PGPORT) user=berth dbname=postgres$(tls)"
copies = 1
disk_floor = "256M"
EOS
    [ -n "${LAB_BARE:-}" ] || host
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
  local address
  address=$(lab_get DATA_ADDRESS):$(lab_get PGPORT)
  cat >"$home/.pgpass" <<EOS
$address:*:berth:$(lab_get BERTH_DATABASE_PASSWORD)
$address:*:shop_restore:$(lab_get RESTORE_DATABASE_PASSWORD)
EOS
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
  HostName $(lab_get DATA_ADDRESS)
  Port $(lab_get BACKUP_PORT)
  HostKeyAlias backup
  User postgres

Host *
  HostName ${LAB_HOST_NAME:-127.0.0.1}
  User berth
  IdentityFile $home/.ssh/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $etc/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
EOS
}

# What berth.conf does not say of an application: who it is on a guest, and what
# runs there. Both render the same files, as one user: a server carries one of
# them at a time.
write_guest() {
  local name
  for name in shop shopgit; do
    cat >"$etc/guest/$name.json" <<'EOS'
{
  "user": "shop",
  "together": ["shop", "shopgit"],
  "files": ["etc/apache2/sites-available/", "etc/shop/"],
  "prepare": [["/usr/bin/python3", "manage.py", "migrate", "--noinput"]],
  "configtest": ["/usr/sbin/apachectl", "configtest"],
  "reload": ["/usr/sbin/apachectl", "graceful"],
  "error_log": "/var/log/apache2/error.log"
}
EOS
  done
}

# The administrator's own way to the guests, as root; berth has no part in it.
# As ssh's -F wants it: an administrator would have it in ~/.ssh.
write_admin() {
  local guest
  [ -n "$lab_guests" ] || return 0
  install -d -m 0700 "$LAB_DIR/admin"
  ssh-keygen -q -t ed25519 -N '' -C "admin@lab" -f "$LAB_DIR/admin/id_ed25519"
  for guest in $lab_guests; do
    printf 'Host %s\n  Port %s\n  HostKeyAlias %s\n' "$guest" \
      "$(lab_get "SSH_PORT_$guest")" "$guest" >>"$LAB_DIR/admin/ssh_config"
  done
  cp "$etc/known_hosts" "$LAB_DIR/admin/known_hosts"
  cat >>"$LAB_DIR/admin/ssh_config" <<EOS
Host *
  HostName 127.0.0.1
  IdentityFile $LAB_DIR/admin/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $LAB_DIR/admin/known_hosts
  StrictHostKeyChecking yes
EOS
}

write_templates() {
  local name
  for name in shop shopgit; do
    cp -R "$top/templates/django" "$etc/templates/$name"
    # A text that is not ASCII, by each way to the page.
    cat >>"$etc/templates/$name/etc/shop/settings.py.tpl" <<'EOS'
SHOP_MOTTO = {{set.MOTTO:x-python}}
# Größe: {{set.MOTTO:x-shell}}
EOS
    sed -i '/ServerName/a \  SetEnv SHOP_MOTTO {{set.MOTTO:x-apache}}' \
      "$etc/templates/$name/etc/apache2/sites-available/shop.conf.tpl"
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
write_admin
write_guest
write_templates
