#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034,SC2016
# One Apache with two sites: the console's, and a wiki where anybody may sign
# up, with a login of its own. carol is an admin of Berth; on the wiki somebody
# else took that name. Then wikis on a second port, with the console's ServerName
# and with none. Both of the shipped files.
load ../lib/console
load ../lib/published

setup_file() {
  make_tree
  write_config
  publish_all
  beat "$$"
  sed -i "s|^url = \"http://127.*|url = \"http://qa.example.com:$port/berth\"\n\
urls = [\"http://qa.example.net:$port/berth\"]|" "$tree/etc/berth.conf"
  htpasswd -cbs "$tree/wiki.users" carol stolen 2>"$tree/htpasswd.log"
  # A wiki as its manual has it. It is the first site and so the one for every
  # name that no site has.
  port2=$(free_port)
  export port2
  cat >"$tree/sites.conf" <<EOF
<VirtualHost *:$port>
  ServerName wiki.example.com
  <Location "/">
    AuthType Basic
    AuthName "Wiki"
    AuthUserFile "$tree/wiki.users"
    Require valid-user
  </Location>
</VirtualHost>
<VirtualHost *:$port>
  ServerName qa.example.com
  ServerAlias qa.example.net
  <IfDefine IN_ONE_SITE>
    Include "\${BERTH_CONF}"
  </IfDefine>
</VirtualHost>
EOF
  APACHE_MORE=$tree/sites.conf
  export APACHE_MORE
}
teardown_file() { stop_all; }

# sites fcgid|proxy [one]: Apache, with the console in all sites or in one.
sites() {
  local file=berth.conf
  [ "$1" = fcgid ] || file=berth-proxy.conf
  stop apache
  stop program
  rm -f "$tree/run/berth.sock"
  start_apache "$1"
  [ "${2:-}" = one ] || return 0
  sed -i -e "/^Include .*\/$file\"/d" -e "/^Include .*sites.conf/i \
Define IN_ONE_SITE\\nDefine BERTH_CONF \"$top/build/apache/$file\"" \
    "$tree/etc/apache2.conf"
  restart_apache
}

# With the files as they are now.
restart_apache() {
  stop apache
  apache2 -f "$tree/etc/apache2.conf" -D FOREGROUND \
    >"$tree/log/apache.out" 2>&1 3>&- &
  echo $! >"$tree/run/apache"
  wait_until 10 curl -s -o /dev/null "$BERTH_URL/"
}

# at HOST METHOD PATH ...: api with that Host header.
at() { api "$2" "$3" -H "Host: $1" "${@:4}"; }

# Every address of the API that is no /health, as routes.cpp has them.
routes() {
  sed -n 's|^ *{"\([A-Z]*\)", "\([^"]*\)".*|\1 /\2|p' "$top/src/web/routes.cpp" |
    sed -e 's/{server}/qa1/' -e 's/{application}/shop/' -e 's/{job}/7/' \
      -e "s/{token}/$(printf '%032x' 1)/" -e 's/{snapshot}/s/' |
    grep -v '/health$'
}

# The wiki's carol is nobody to Berth, whatever host she writes.
refused_on_the_wiki() {
  local method path n=0
  while read -r method path; do
    who=carol password=stolen at "wiki.example.com:$port" "$method" "$path"
    expect_problem 421 "http://qa.example.com:$port/berth"
    n=$((n + 1))
  done < <(routes)
  [ "$n" -gt 30 ]
  for host in wiki.example.com "127.0.0.1:$port" "localhost:$port" \
    "evil.example.com:$port"; do
    who=carol password=stolen at "$host" GET /servers
    expect_problem 421
  done
  who=carol password=stolen at "wiki.example.com:$port" GET /health
  expect 200
  # What is not there is not told either.
  who=carol password=stolen at "wiki.example.com:$port" GET /nothing
  expect_problem 421
  # The address in the request line, and the console's name in Host.
  login=$(printf 'carol:stolen' | base64)
  run /usr/bin/python3 - "$port" "$login" <<'EOF'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
s.sendall(("GET http://wiki.example.com/berth/api/me HTTP/1.1\r\n"
           f"Host: qa.example.com:{sys.argv[1]}\r\nConnection: close\r\n"
           f"Authorization: Basic {sys.argv[2]}\r\n\r\n").encode())
print(s.recv(65536).split(b"\r\n")[0].decode())
EOF
  [[ "$output" == *' 421 '* ]]
  # HTTP/1.0 names no host.
  who=carol password=stolen at "" GET /servers --http1.0
  expect_problem 421 'no host'
  [ -z "$(find "$tree/spool/drop" -name '*.json')" ]
}

answers_at_its_own() {
  beat "$$"
  local host
  for host in "qa.example.com:$port" "QA.Example.com:$port" \
    "qa.example.net:$port"; do
    who=carol at "$host" GET /me
    expect 200
    [ "$(member "['admin']")" = true ]
    who=carol password=stolen at "$host" GET /me
    expect 401
  done
  # Apache takes it for the same site, and browsers for another origin.
  who=carol at "qa.example.com.:$port" GET /me
  expect_problem 421
  # Its page may be open at either address.
  who=carol at "qa.example.net:$port" PUT /servers/qa1/reservation \
    -H "Origin: http://qa.example.net:$port" -d hours=0
  expect_problem 400 hours
}

@test "mod_fcgid: on the wiki's site an admin's name opens nothing" {
  sites fcgid
  refused_on_the_wiki
}

# The wiki's is the first site, and so the one for a name that no site has; with
# ServerAlias * it takes even the console's own.
@test "a site that answers for the console's name in its place gets 421" {
  local how
  for how in 's/^  Server\(.*\) qa.example/  Server\1 other.example/' \
    's/^  ServerName wiki.*/&\n  ServerAlias */'; do
    cp "$tree/sites.conf" "$tree/sites.kept"
    sed -i "$how" "$tree/sites.conf"
    sites fcgid
    mv "$tree/sites.kept" "$tree/sites.conf"
    who=carol password=stolen at "qa.example.com:$port" GET /me
    expect_problem 421 "site 'http://wiki.example.com:$port'" ServerName
  done
}

@test "mod_fcgid: on the console's site all is well" {
  sites fcgid
  answers_at_its_own
}

@test "mod_proxy_fcgi: the same" {
  sites proxy
  refused_on_the_wiki
  answers_at_its_own
}

# Four processes for reads from the start, which the file's own MinProcesses
# keeps: its options count in a site as they do for all.
@test "mod_fcgid, mounted in one site: the wiki has no such page" {
  sites fcgid one
  who=carol password=stolen at "wiki.example.com:$port" GET /me
  expect 404
  who=carol password=stolen at "wiki.example.com:$port" GET /health
  expect 404
  answers_at_its_own
}

@test "mod_proxy_fcgi, mounted in one site: the wiki has no such page" {
  sites proxy one
  who=carol password=stolen at "wiki.example.com:$port" GET /me
  expect 404
  answers_at_its_own
}

# second_port [NAME-LINE]: the wiki at another port. The whole server has the
# console's name, which a site without one takes.
second_port() {
  cp "$tree/sites.conf" "$tree/sites.kept"
  cat >>"$tree/sites.conf" <<EOF
ServerName qa.example.com:$port
Listen 127.0.0.1:$port2
<VirtualHost *:$port2>
  $1
  <Location "/">
    AuthType Basic
    AuthName "Wiki"
    AuthUserFile "$tree/wiki.users"
    Require valid-user
  </Location>
</VirtualHost>
EOF
}

@test "the site that is installed has the console and no other page" {
  sites fcgid one
  sed -e "s|<VirtualHost \*:80>|<VirtualHost *:$port>|" \
    -e "s|ServerName localhost|ServerName qa.example.com|" \
    -e "s|Include .*/berth.conf\"|Include \"$top/build/apache/berth.conf\"|" \
    "$top/build/apache/site.conf" >"$tree/installed.conf"
  echo "a page that acts for who reads it" >"$tree/www/page.html"
  sed -i "s|^Include .*sites.conf.*|DocumentRoot \"$tree/www\"\n\
Include \"$tree/installed.conf\"|" "$tree/etc/apache2.conf"
  restart_apache
  run curl -s -o /dev/null -w '%{http_code}' \
    -H "Host: qa.example.com:$port" "http://127.0.0.1:$port/page.html"
  [ "$output" = 403 ]
  run curl -s -o /dev/null -w '%{http_code} %{redirect_url}' \
    -H "Host: qa.example.com:$port" "http://127.0.0.1:$port/"
  [[ "$output" == "302 http://qa.example.com:$port/berth/" ]]
  at "qa.example.com:$port" GET /me
  expect 200
}

@test "a site on another port with the console's ServerName, or none, gets 421" {
  local how name
  for how in fcgid proxy; do
    for name in 'ServerName qa.example.com' '' 'ServerAlias qa.example.com'; do
      second_port "$name"
      sites "$how"
      mv "$tree/sites.kept" "$tree/sites.conf"
      # Whatever of its own address or the console's the client writes.
      for host in "qa.example.com:$port" "qa.example.com:$port2"; do
        who=carol password=stolen BERTH_URL=http://127.0.0.1:$port2/berth \
          at "$host" GET /me -H 'X-Forwarded-Proto: https'
        expect_problem 421
      done
      who=carol password=stolen BERTH_URL=http://127.0.0.1:$port2/berth \
        at "qa.example.com:$port" GET /me
      expect_problem 421 "site 'http://qa.example.com:$port2'" virtual_hosts
      who=carol at "qa.example.com:$port" GET /me
      expect 200
    done
  done
}

answers_carol() { # STATUS
  who=carol at qa.example.com GET /me
  [ "$status" = "$1" ]
}

# TLS ends at a proxy, which keeps Host: Apache's site is another origin than
# the one that people use.
@test "behind a TLS proxy the 421 names the site, and virtual_hosts lets it in" {
  local kept
  kept=$(<"$tree/etc/berth.conf")
  second_port 'ServerName qa.example.com'
  sites fcgid
  mv "$tree/sites.kept" "$tree/sites.conf"
  sed -i -e 's|^url = "http://qa.*|url = "https://qa.example.com/berth"|' \
    -e '/^urls = /d' "$tree/etc/berth.conf"
  # berth.fcgi looks at its file every two seconds.
  wait_until 20 answers_carol 421
  expect_problem 421 "site 'http://qa.example.com:$port'" virtual_hosts
  sed -i "s|^url = .*qa.*|&\nvirtual_hosts = \"http://qa.example.com:$port\"|" \
    "$tree/etc/berth.conf"
  wait_until 20 answers_carol 200
  [ "$(member "['admin']")" = true ]
  who=carol password=stolen BERTH_URL=http://127.0.0.1:$port2/berth \
    at qa.example.com GET /me
  expect_problem 421
  printf '%s\n' "$kept" >"$tree/etc/berth.conf"
}

# inside fcgid|proxy BEFORE: the console in a site, after the lines of BEFORE, in
# a server that has the lines of $top_lines.
inside() {
  cat >"$tree/inside-sites.conf" <<EOF
$top_lines
<VirtualHost *:$port>
  ServerName qa.example.com
  $2
  <IfDefine IN_ONE_SITE>
    Include "\${BERTH_CONF}"
  </IfDefine>
</VirtualHost>
EOF
  APACHE_MORE=$tree/inside-sites.conf sites "$1" one
}

module() { # NAME: its LoadModule line
  echo "LoadModule ${1}_module $modules/mod_$1.so"
}

wiki_alias() {
  printf '<AuthnProviderAlias file wikiusers>\nAuthUserFile "%s"\n%s\n' \
    "$tree/wiki.users" '</AuthnProviderAlias>'
}

only_its_own_users() {
  who=carol password=stolen at "qa.example.com:$port" GET /me
  expect_problem 401
  who=carol password=whatever at "qa.example.com:$port" GET /me
  expect_problem 401
  who='' at "qa.example.com:$port" GET /servers
  expect_problem 401
  who=carol at "qa.example.com:$port" GET /me
  expect 200
  [ "$(member "['admin']")" = true ]
}

@test "a login inherits no users and no rules of the site that it is in" {
  local how before
  for how in fcgid proxy; do
    top_lines=$(module authn_anon; wiki_alias)
    for before in 'AuthBasicProvider wikiusers' \
      $'AuthBasicProvider anon\nAnonymous "*"\nAnonymous_MustGiveEmail Off' \
      $'AuthBasicProvider wikiusers\nAuthMerging Or\nRequire all granted' \
      $'AuthBasicAuthoritative Off\nAuthBasicFake carol stolen' \
      'AuthBasicUseDigestAlgorithm MD5'; do
      inside "$how" "<Location \"/\">
        AuthType Basic
        AuthName Wiki
        AuthUserFile \"$tree/wiki.users\"
        $before
        Require valid-user
      </Location>"
      only_its_own_users
    done
  done
}

@test "Satisfy any of the server or the site lets nobody in without a login" {
  local how where any
  any='<Location "/">
    Order allow,deny
    Allow from all
    Satisfy any
  </Location>'
  for how in fcgid proxy; do
    for where in server site; do
      top_lines=$(module access_compat)
      if [ "$where" = server ]; then
        top_lines+=$'\n'$any
        inside "$how" ''
      else
        inside "$how" "$any"
      fi
      only_its_own_users
    done
  done
}

# Fails closed: what a login does not state it has not from elsewhere.
@test "a login file without users, without a type or without Require opens nothing" {
  local line
  for line in AuthUserFile AuthType Require; do
    top_lines=''
    inside fcgid "<Location \"/\">
      AuthType Basic
      AuthName Wiki
      AuthUserFile \"$tree/wiki.users\"
      Require valid-user
    </Location>"
    sed -i "/^$line/d" "$tree/login.conf"
    restart_apache
    for password in stolen carol; do
      who=carol at "qa.example.com:$port" GET /servers
      [[ "$status" =~ ^(401|403|500)$ ]]
    done
  done
}

@test "a login of its own kind still decides: by address, or by a group" {
  top_lines=$(module access_compat; module authz_groupfile)
  inside fcgid '<Location "/">
    AuthGroupFile /nonexistent
    Satisfy any
  </Location>'
  # Reading without a password from here, because the login says so.
  sed -i 's/^Require.*/Require local\nRequire valid-user/' "$tree/login.conf"
  restart_apache
  who='' at "qa.example.com:$port" GET /servers
  expect 200
  printf 'testers: alice\n' >"$tree/groups"
  sed -i -e '/^Require local/d' \
    -e "s|^Require.*|AuthGroupFile $tree/groups\nRequire group testers|" \
    "$tree/login.conf"
  restart_apache
  who=alice at "qa.example.com:$port" GET /servers
  expect 200
  who=bob at "qa.example.com:$port" GET /servers
  expect_problem 401
}

# The server takes the users of its wiki from a header of a proxy in front of
# it; the console lets this machine in without a login, to read.
@test "a user that the server makes of a header is nobody here" {
  local how where set
  set='SetEnvIf X-Remote-User "^(.+)$" REMOTE_USER=$1'
  for how in fcgid proxy; do
    for where in server site section both; do
      top_lines=''
      case $where in
        server) top_lines=$set; inside "$how" '' ;;
        site) inside "$how" "$set" ;;
        section) inside "$how" "<Location \"/\">
          $set
          SetEnv REMOTE_USER carol
          SetEnv AUTH_TYPE Basic
        </Location>" ;;
        both) inside "$how" "$set AUTH_TYPE=Basic" ;;
      esac
      echo 'Require local' >"$tree/login.conf"
      restart_apache
      who='' at "qa.example.com:$port" GET /servers -H 'X-Remote-User: carol'
      expect 200
      who='' at "qa.example.com:$port" GET /me -H 'X-Remote-User: carol'
      expect_problem 401
    done
  done
}

# Apache's own key of what it keeps is ServerName and path, and no port.
@test "a password that Apache keeps for another site opens nothing here" {
  local how _
  for how in fcgid proxy; do
    top_lines=$(module socache_shmcb; module authn_socache
      cat <<EOF
AuthnCacheSOCache shmcb
AuthnCacheEnable
Listen 127.0.0.1:$port2
<VirtualHost *:$port2>
  ServerName qa.example.com
  <Location "/">
    AuthType Basic
    AuthName "Wiki"
    AuthBasicProvider socache file
    AuthnCacheProvideFor file
    AuthUserFile "$tree/wiki.users"
    Require valid-user
  </Location>
</VirtualHost>
EOF
    )
    inside "$how" ''
    sed -i 's/^AuthUserFile/AuthBasicProvider socache file\
AuthnCacheProvideFor file\
&/' "$tree/login.conf"
    restart_apache
    who=carol password=stolen BERTH_URL=http://127.0.0.1:$port2/berth \
      at "qa.example.com:$port2" GET /me
    expect 404
    only_its_own_users
    only_its_own_users
  done
}
