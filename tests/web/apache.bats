#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034,SC2016
# The two Apache files themselves, as an administrator meets them.
load ../lib/console

setup_file() {
  make_tree
  write_config
}
teardown_file() { stop_all; }

# syntax CONF MODULE...: apache2 -t with these modules and no Define of ours.
syntax() {
  local conf=$1
  shift
  {
    apache_modules "$@"
    cat <<EOS
ServerRoot "$tree/run"
DefaultRuntimeDir "$tree/run"
PidFile "$tree/run/x.pid"
ErrorLog "$tree/log/syntax.log"
Listen 127.0.0.1:1
ServerName 127.0.0.1
Define BERTH_COMMON "$top/build/apache/berth-common.conf"
Include "$top/build/apache/$conf"
EOS
  } >"$tree/etc/syntax.conf"
  apache2 -t -f "$tree/etc/syntax.conf"
}

@test "both files end with what they share, which is installed beside them" {
  for conf in berth.conf berth-proxy.conf; do
    [ "$(tail -n 1 "$top/build/apache/$conf")" = 'Include "${BERTH_COMMON}"' ]
    grep -q '^  Define BERTH_COMMON /.*/berth/apache/berth-common.conf$' \
      "$top/build/apache/$conf"
    # A login, an error page or a limit that only one had would be missed.
    run grep -E 'Require|Auth|ErrorDocument|Header ' "$top/build/apache/$conf"
    [ "$status" = 1 ]
  done
}

# A status that the list lacks would have the server's error page, which may be
# a program; one that an Apache does not know would keep it from starting.
@test "the API has an error page of its own for every status of Apache" {
  local code known=""
  syntax berth-proxy.conf proxy proxy_fcgi
  for code in $(seq 300 520); do
    ! apache2 -t -f "$tree/etc/syntax.conf" -c "ErrorDocument $code default" \
      2>"$BATS_TEST_TMPDIR/refused" || known+="$code"$'\n'
  done
  [[ "$known" == *502* ]]
  diff <(printf %s "$known") <(sed -n 's/^  ErrorDocument \([0-9]*\) .*/\1/p' \
    "$top/build/apache/berth-common.conf" | sort)
}

@test "nothing is left to be substituted" {
  ! grep -n '@[a-z_]*@\|\${[a-z]' "$top"/build/apache/*.conf || false
}

@test "they start no server of their own and change nobody else's" {
  for word in VirtualHost LoadModule Listen ServerName DocumentRoot \
    FcgidMaxRequestLen FcgidInitialEnv AllowEncodedSlashes; do
    run grep -inE "^ *<?$word\b" "$top"/build/apache/berth*.conf
    [ "$status" = 1 ]
  done
  # Every ErrorDocument and limit is inside a section.
  run grep -nE '^(ErrorDocument|Limit|Header|Require|Options)' \
    "$top"/build/apache/berth*.conf
  [ "$status" = 1 ]
}

@test "the first line names the modules that it requires" {
  for conf in berth.conf berth-proxy.conf berth-common.conf; do
    run head -n 1 "$top/build/apache/$conf"
    [[ "$output" == '# Depends: '* ]]
    for module in ${output#\# Depends: }; do
      [ -e "$modules/mod_$module.so" ]
    done
  done
}

@test "apache accepts them with their modules, and without" {
  install -d "$tree/htdocs"
  run syntax berth.conf fcgid
  echo "$output"
  [ "$status" = 0 ]
  run syntax berth-proxy.conf proxy proxy_fcgi
  echo "$output"
  [ "$status" = 0 ]
  run syntax berth.conf
  echo "$output"
  [ "$status" = 0 ]
  run syntax berth-proxy.conf
  echo "$output"
  [ "$status" = 0 ]
}

# What another file here would serve is not ours to choose: /usr/share/javascript
# has what any package puts there.
@test "the four libraries are served, links in them too, and nothing else" {
  local name library
  REQUIRE='Require all granted' start_apache fcgid
  get() { curl -s -o "$BATS_TEST_TMPDIR/got" -w '%{http_code}' "$BERTH_URL/$1"; }
  for library in $(sed -n 's|.* src="\(lib/[^"]*\)".*|\1|p' \
    "$top/htdocs/index.html"); do
    [ "$(get "$library")" = 200 ]
    [ -s "$BATS_TEST_TMPDIR/got" ]
    n=$((${n:-0} + 1))
  done
  [ "$n" = 4 ]
  for name in lib/ lib lib/yui3/ lib/sphinxdoc/ lib/dojox/ lib/jquery lib/jquery/ \
    lib/jqueryx lib/jquery/../yui3/ 'lib/jquery/%2e%2e/yui3/'; do
    [[ "$(get "$name")" =~ ^(301|403|404|400)$ ]]
    [ ! -s "$BATS_TEST_TMPDIR/got" ] || ! grep -qi 'index of' \
      "$BATS_TEST_TMPDIR/got"
  done
  # As Debian's packages do it: a link from one library's folder to another's.
  stop apache
  cp -rL "$(sed -n 's|.*Define BERTH_JSDIR \(.*\)|\1|p' \
    "$top/build/apache/berth-common.conf")" "$tree/js"
  mkdir "$tree/js/other"
  echo 'linked = 1' >"$tree/js/other/linked.js"
  ln -s ../other/linked.js "$tree/js/jquery/linked.js"
  sed -i "1i Define BERTH_JSDIR $tree/js" "$tree/etc/apache2.conf"
  apache2 -f "$tree/etc/apache2.conf" -D FOREGROUND \
    >"$tree/log/apache.out" 2>&1 3>&- &
  echo $! >"$tree/run/apache"
  wait_until 10 curl -s -o /dev/null "$BERTH_URL/"
  [ "$(get lib/jquery/linked.js)" = 200 ]
  [ "$(get lib/other/linked.js)" = 404 ]
  stop apache
}

# Given twice, Cross-Origin-Resource-Policy has no effect.
@test "page, libraries, API and refusals say once that they are for this page" {
  local name where
  for where in fcgid proxy; do
    start_apache "$where"
    for name in / /index.html /lib/jquery/jquery.min.js /api/health /api/me \
      /api/nothing /nothing; do
      for login in alice:alice nobody:x; do
        curl -s -u "$login" -D "$BATS_TEST_TMPDIR/headers" -o /dev/null \
          "$BERTH_URL$name"
        [ "$(grep -ciE '^Cross-Origin-Resource-Policy: same-origin.?$' \
          "$BATS_TEST_TMPDIR/headers")" = 1 ]
        [ "$(grep -ciE '^Cross-Origin-Opener-Policy: same-origin.?$' \
          "$BATS_TEST_TMPDIR/headers")" = 1 ]
      done
    done
    stop apache
    stop program
  done
}

@test "without a login file only this machine may read" {
  sed -n '/IfDefine !BERTH_LOGIN/,/\/IfDefine/p' \
    "$top/build/apache/berth-common.conf" | grep -q 'Require local'
  # And so it is: no login, a read passes, a change is 401.
  REQUIRE='Require all granted' start_apache fcgid
  sed -i '/^Define BERTH_LOGIN/d' "$tree/etc/apache2.conf"
  kill -USR1 "$(pid_of apache)"
  sleep 1
  who='' api GET /health
  expect 200
  who='' api PUT /servers/qa1/reservation -d hours=1
  expect_problem 401
  who='' api GET /me
  expect_problem 401
}
