#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The units as they are installed, under a real systemd (machine.sh): berthd,
# and berth.fcgi behind its socket with a user and a secret of its own.
# tests/web has what the program answers; here is that the units let it.
bats_require_minimum_version 1.5.0

load ../lib/wait

top=$(cd "$(dirname "$BATS_TEST_FILENAME")/../.." && pwd)
request=$top/tests/web/fcgi_request.py

inside() { "$top/tests/install/machine.sh" in "$stage/machine" "$@"; }
runs() { inside systemctl is-system-running >/dev/null 2>&1; }

# What a console needs that `make install` leaves to its administrator.
configure() {
  local etc=$stage/a/etc/berth
  cat >"$etc/berth.conf" <<EOS
[console]
url = "http://console.test/berth/"
admins = ["carol"]
web_user = "berth-web"

[host.kvm1]
uri = "test:///default"
servers = "qa*"

[application.shop]
repository = "file:///srv/shop"
kind = "git"
root = "/srv/shop"
EOS
  (umask 077 && printf 'ProxyFCGISetEnvIf "true" BERTH_SECRET "%s"\n' \
    "$secret" >"$etc/apache.secret")
}

setup_file() {
  stage=$(mktemp -d "${TMPDIR:-/tmp}/berth-units.XXXXXX")
  secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  export stage secret
  [ "$(id -u)" = 0 ] && [ -x /lib/systemd/systemd ] || return 0
  make -s -C "$top" -j2 all
  # As ./configure --with-web-user=berth-web --with-web-group=berth-web.
  make -s -C "$top" install "DESTDIR=$stage/a" >"$stage/said"
  grep -rlZ '\bwww-data\b' \
    "$stage"/a/usr/local/lib/{systemd,sysusers.d,tmpfiles.d} |
    xargs -0 sed -i '/^SocketUser=/!s/\bwww-data\b/berth-web/g'
  configure
  mkdir "$stage/machine"
  setsid "$top/tests/install/machine.sh" boot "$stage/machine" "$stage/a" \
    >"$stage/console" 2>&1 3>&- </dev/null &
  wait_until 60 runs || { cat "$stage/console"; return 1; }
  inside systemd-sysusers
  inside systemd-tmpfiles --create berth.conf
}
teardown_file() {
  [ ! -d "$stage/machine" ] ||
    "$top/tests/install/machine.sh" end "$stage/machine"
  rm -rf --one-file-system "$stage"
}
setup() {
  [ "$(id -u)" = 0 ] || skip "needs root: it boots a systemd"
  [ -x /lib/systemd/systemd ] || skip "needs systemd"
}

# ask USER NAME=VALUE...: one request, by a process of that user.
ask() {
  inside setpriv --reuid="$1" --regid="$1" --clear-groups \
    /usr/bin/python3 - /run/berth-web/berth.sock REQUEST_METHOD=GET \
    SCRIPT_NAME=/berth/api PATH_INFO=/me HTTP_HOST=console.test \
    SERVER_NAME=console.test SERVER_PORT=80 REMOTE_USER=carol \
    AUTH_TYPE=Basic "${@:2}" \
    <"$request"  # its /tmp is another
}
answers() { ask www-data BERTH_SECRET="$secret" | grep -q '"user": *"carol"'; }
property() { inside systemctl show -P "$2" "$1"; }

@test "systemd finds nothing wrong with the installed units" {
  inside systemd-analyze verify --man=no berthd.service berth-web.socket \
    berth-web.service
}

@test "berthd runs under its unit, with its watcher" {
  inside systemctl start berthd
  wait_until 30 inside grep -q '"connected": *true' \
    /var/lib/berth/state/hosts/kvm1.json || {
    inside journalctl --no-pager -u berthd; false; }
  [ "$(property berthd ActiveState)" = active ]
}

@test "a program is confined under berthd's unit, too" {
  # The chore that lists paths: its git can start, and finds no repository.
  wait_until 30 inside sh -c 'journalctl -u berthd | grep -q "/srv/shop"'
  inside journalctl --no-pager -u berthd | grep '/srv/shop' |
    grep -qv 'confine\|Operation not permitted'
}

@test "the first request starts berth.fcgi, with a secret that only root reads" {
  inside systemctl start berth-web.socket
  [ "$(property berth-web ActiveState)" = inactive ]
  [ "$(inside stat -c '%U %a' /run/berth-web/berth.sock)" = "www-data 600" ]
  run ask berth-web BERTH_SECRET="$secret"
  [ "$status" != 0 ]
  wait_until 20 answers || { inside journalctl --no-pager -u berth-web; false; }
  [ "$(property berth-web ActiveState)" = active ]
  # Who connects without it is nobody.
  ask www-data | grep -q '^Status: 403'
  ask www-data BERTH_SECRET=x | grep -q '^Status: 403'
  [ "$(inside stat -c %a /etc/berth/apache.secret)" = 600 ]
  run inside setpriv --reuid=berth-web --regid=berth-web --clear-groups \
    cat /etc/berth/apache.secret
  [ "$status" != 0 ]
  [ "$(inside ps -o user= -C berth.fcgi | sort -u)" = berth-web ]
}

@test "berth.fcgi comes back after kill -9, of one process and of all" {
  local before
  before=$(property berth-web MainPID)
  # shellcheck disable=SC2016 # for the shell inside
  inside sh -c 'kill -KILL "$(tail -n 1 "$1")"' - \
    /sys/fs/cgroup/system.slice/berth-web.service/cgroup.procs
  wait_until 20 answers
  [ "$(property berth-web MainPID)" = "$before" ]
  inside systemctl kill -s KILL --kill-who=all berth-web
  wait_until 20 answers || { inside journalctl --no-pager -u berth-web; false; }
  [ "$(property berth-web MainPID)" != "$before" ]
  [ "$(property berth-web NRestarts)" = 1 ]
}

@test "stopped, berth.fcgi and its socket are gone, and started again there" {
  inside systemctl stop berth-web.socket berth-web.service
  run inside test -e /run/berth-web/berth.sock
  [ "$status" != 0 ]
  inside systemctl start berth-web.service
  wait_until 20 answers
}
