#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034
# berth.fcgi under a user of its own beside an Apache that runs other people's
# code (docs/security.md): what Apache's user can connect to and cannot do.
# spawn-fcgi stands for systemd's socket unit; it makes the same socket.
bats_require_minimum_version 1.5.0
load ../lib/console
load ../lib/published

setup_file() {
  make_tree
  export program_user=daemon
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

as() { setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"; }
# direct USER NAME=VALUE...: past Apache, as a process of that user.
direct() {
  as "$1" /usr/bin/python3 "$top/tests/web/fcgi_request.py" \
    "$tree/run/berth.sock" REQUEST_METHOD=GET SCRIPT_NAME=/berth/api \
    HTTP_HOST="127.0.0.1:$port" SERVER_NAME=127.0.0.1 \
    SERVER_PORT="$port" REMOTE_USER=carol AUTH_TYPE=Basic "${@:2}"
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
  [[ "$output" == *"did not arrive through the console's Apache"* ]]
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

# more_of_apache: with the lines of the standard input in the server, as a file of
# its own that is read before ours.
more_of_apache() {
  cat >"$tree/etc/more.conf"
  cp "$tree/etc/apache2.conf" "$tree/etc/apache2.more"
  sed -i "/^Include .*berth-proxy/i Include $tree/etc/more.conf" \
    "$tree/etc/apache2.more"
}

@test "with mod_info, which would show the secret, Apache does not start" {
  more_of_apache <<<"LoadModule info_module $modules/mod_info.so"
  run ! apache2 -t -f "$tree/etc/apache2.more"
  [[ "$output" == *"a2dismod info"* ]]
  # Without a secret there is nothing to show.
  sed -i "s|^Define BERTH_SECRET_FILE .*|Define BERTH_SECRET_FILE $tree/none|" \
    "$tree/etc/apache2.more"
  run -0 apache2 -t -f "$tree/etc/apache2.more"
}

# as_more: Apache with the lines of more_of_apache.
as_more() {
  stop apache
  apache2 -f "$tree/etc/apache2.more" -D FOREGROUND \
    >"$tree/log/apache.out" 2>&1 3>&- &
  echo $! >"$tree/run/apache"
  wait_until 10 curl -s -o /dev/null "$BERTH_URL/"
}

# With mod_buffer, whose SetOutputFilter takes back another, and without it.
@test "server-side includes of the server show no secret" {
  local without
  for without in none buffer_module; do
    more_of_apache <<EOF
LoadModule include_module $modules/mod_include.so
<Location "/">
  Options +Includes
  SetOutputFilter INCLUDES
</Location>
EOF
    sed -i "/^LoadModule $without/d" "$tree/etc/apache2.more"
    as_more
    api GET "/%3C!--%23echo%20var='BERTH_SECRET'%20--%3E"
    expect_problem 404 '#echo'
    [[ "$body" != *"$secret"* ]]
  done
  stop apache
  start_apache proxy
}

# Eight connections for four processes, and more as soon as one ends.
@test "connections that send nothing to the end keep nobody from reading" {
  local idle i took longest=0
  setpriv --reuid=www-data --regid=www-data --clear-groups \
    /usr/bin/python3 - "$tree/run/berth.sock" 3>&- <<'EOF' &
import socket, sys, time
idle = []
for i in range(8):
    idle.append(socket.socket(socket.AF_UNIX))
    idle[-1].connect(sys.argv[1])
    # The second half has a whole head that asks to keep the connection.
    idle[-1].sendall(b"\1" if i < 4 else
                     b"\1\1\0\1\0\x08\0\0\0\1\1\0\0\0\0\0"
                     b"\1\4\0\1\0\0\0\0\1\5\0\1\0\0\0\0")
time.sleep(50)
EOF
  idle=$!
  sleep 0.5
  for i in 1 2 3 4 5 6; do
    took=$(date +%s%3N)
    api GET /servers || status=none
    took=$(($(date +%s%3N) - took))
    ((took <= longest)) || longest=$took
  done
  kill "$idle"
  echo "# $longest ms at most" >&3
  expect 200
  ((longest < 8000))
}

@test "an error page of the server that is a program gets no secret" {
  local code page
  mkdir "$tree/cgi"
  printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nPAGE\\n"\nenv\n' \
    >"$tree/cgi/page"
  chmod 755 "$tree/cgi" "$tree/cgi/page"
  {
    printf 'LoadModule cgid_module %s\n' "$modules/mod_cgid.so"
    printf 'ScriptSock %s\nScriptAlias /cgi/ %s\n' "$tree/run/cgi" "$tree/cgi/"
    printf '<Directory %s>\nRequire all granted\n</Directory>\n' "$tree/cgi"
    printf 'ProxyErrorOverride On\n'
    for code in 400 401 403 404 405 408 413 415 416 421 422 500 502 503 504; do
      printf 'ErrorDocument %s /cgi/page\n' "$code"
    done
  } | more_of_apache
  as_more
  # The program's own answers are whole.
  api GET /nothing
  expect_problem 404
  api GET /servers/qa99
  expect_problem 404
  # A program that takes the request, with the secret, and ends; what Apache
  # makes of it before and after a part of an answer.
  stop program
  for code in '' 'X' "$(printf '\1\6')"; do
    rm -f "$tree/run/berth.sock"
    /usr/bin/python3 - "$tree/run/berth.sock" "$code" 3>&- <<'EOF' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1] + ".new")
os.chown(sys.argv[1] + ".new", 33, 33)
s.listen()
os.rename(sys.argv[1] + ".new", sys.argv[1])
c = s.accept()[0]
c.recv(65536)
c.sendall(sys.argv[2].encode())
c.close()
EOF
    page=$!
    wait_until 10 test -S "$tree/run/berth.sock"
    api GET /me
    wait "$page"
    [[ "$status" == 5* ]]
    [[ "$body" != *"$secret"* ]]
    [[ "$body" != *PAGE* ]]
  done
  # No program at all.
  rm -f "$tree/run/berth.sock"
  api GET /me
  expect_problem 503
  # And it is a program that the server would have run: elsewhere it does.
  [[ "$(curl -s "http://127.0.0.1:$port/nothing")" == PAGE* ]]
  stop apache
  start_apache proxy
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
