#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034
# berth.fcgi under a user of its own beside an Apache that runs other people's
# code (docs/security.md): what Apache's user can connect to and cannot do.
# spawn-fcgi stands for systemd's socket unit; it makes the same socket.
bats_require_minimum_version 1.5.0
load helper
load fixtures

setup_file() {
  make_tree
  variant=proxy
  write_config
  sed -i 's/^web_user = .*/web_user = "daemon"/' "$tree/etc/berth.conf"
  chgrp -R daemon "$tree"/spool/drop "$tree"/spool/{receipts,queue,active,bad} \
    "$tree"/lib/{history,state} "$tree/log/berth"
  chmod 2750 "$tree"/lib/state/* "$tree"/spool/receipts
  publish_all
  beat
  secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  export secret
  (umask 077 && printf 'ProxyFCGISetEnvIf "true" BERTH_SECRET "%s"\n' \
    "$secret" >"$tree/etc/apache.secret")
  # What LoadCredential gives the unit's user.
  install -d -o daemon -m 0500 "$tree/run/credentials"
  install -o daemon -m 0400 "$tree/etc/apache.secret" \
    "$tree/run/credentials/apache.secret"
  start_apache proxy
}
teardown_file() { stop_all; }
setup() { variant=proxy; }

start_program() {
  BERTH_CONFIG=$tree/etc/berth.conf \
    BERTH_SECRET_FILE=$tree/run/credentials/apache.secret \
    spawn-fcgi -n -s "$tree/run/berth.sock" -u daemon -g daemon \
    -U www-data -G www-data -M 0600 -- \
    /usr/bin/multiwatch -f 4 -- "$tree/www/berth.fcgi" \
    >"$tree/log/program.out" 2>&1 3>&- &
  echo $! >"$tree/run/program"
  wait_until 10 test -S "$tree/run/berth.sock"
}

as() { setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"; }
# direct USER NAME=VALUE...: past Apache, as a process of that user.
direct() {
  as "$1" /usr/bin/python3 "$top/tests/api/fcgi_request.py" \
    "$tree/run/berth.sock" REQUEST_METHOD=GET SCRIPT_NAME=/berth/api \
    HTTP_HOST="127.0.0.1:$port" SERVER_NAME=127.0.0.1 \
    SERVER_PORT="$port" REMOTE_USER=carol "${@:2}"
}

@test "through Apache the console answers as always" {
  who=carol
  api GET /servers
  expect 200
  api GET /me
  expect 200
  [ "$(member "['user']")" = carol ]
}

@test "Apache's user cannot be somebody else by connecting to the socket" {
  run direct www-data PATH_INFO=/servers
  [[ "$output" == "Status: 403"* ]]
  [[ "$output" == *"did not come through the console's Apache"* ]]
  [[ "$output" != *qa1* ]]
  run direct www-data PATH_INFO=/me "BERTH_SECRET=${secret//[0-9]/0}"
  [[ "$output" == "Status: 403"* ]]
  # A client's header is no parameter of Apache's.
  run direct www-data PATH_INFO=/me "HTTP_BERTH_SECRET=$secret"
  [[ "$output" == "Status: 403"* ]]
  # The same request with the secret, so that it is what was missing.
  run direct www-data PATH_INFO=/me "BERTH_SECRET=$secret"
  [[ "$output" == "Status: 200"* ]]
}

@test "Apache's user can read neither the secret nor the spool, nor add drops" {
  run ! as www-data cat "$tree/etc/apache.secret"
  run ! as www-data cat "$tree/run/credentials/apache.secret"
  run ! as www-data touch "$tree/spool/drop/x"
  run ! as www-data ls "$tree/lib/state/server"
}

@test "Apache's user cannot read the secret from Apache's memory" {
  local child found=0
  for child in $(pgrep -P "$(pid_of apache)"); do
    grep -q '^Uid:[[:space:]]33[[:space:]]' "/proc/$child/status" || continue
    found=$((found + 1))
    run ! as www-data dd if="/proc/$child/mem" bs=1 count=0
    run ! as www-data cat "/proc/$child/environ"
  done
  [ "$found" -gt 0 ]
  # What would be readable: a process that the same user started.
  setpriv --reuid=www-data --regid=www-data --clear-groups sleep 20 3>&- &
  child=$!
  wait_until 5 as www-data cat "/proc/$child/environ"
  kill "$child"
}

@test "nobody else can connect at all" {
  run ! direct nobody PATH_INFO=/me "BERTH_SECRET=$secret"
}

@test "a secret that cannot be read answers nothing" {
  run -0 env -i BERTH_CONFIG="$tree/etc/berth.conf" \
    BERTH_SECRET_FILE="$tree/etc/none.secret" REQUEST_METHOD=GET \
    SCRIPT_NAME=/berth/api PATH_INFO=/servers HTTP_HOST="127.0.0.1:$port" \
    "$top/build/bin/berth.fcgi"
  [[ "$output" == *"Status: 500"* ]]
  [[ "$output" == *"none.secret"*"no such file"* ]]
  [[ "$output" != *qa1* ]]
}
