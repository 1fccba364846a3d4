# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A console of a test's own: its folders, a private Apache on a free port with
# the very files that ship (build/apache/*.conf), berthd on libvirt's test
# driver.
#
#   APACHE_VARIANT=fcgid|proxy   which of the two files (default fcgid)
#   BERTH_URL, BERTH_USER, ...   (demo.env) use a running lab instead; tests
#                                that need a tree of their own skip then
#
# Everything lives in one temporary directory, $tree; stop_all ends what was
# started, by pid.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
modules=/usr/lib/apache2/modules
variant=${APACHE_VARIANT:-fcgid}

# A port nobody listens on now; taken at once by who asked. Below those of labs
# and of outgoing connections.
free_port() {
  /usr/bin/python3 -c 'import random, socket
while True:
    try:
        s = socket.socket(); s.bind(("127.0.0.1", random.randrange(4000, 10000)))
        break
    except OSError:
        s.close()
print(s.getsockname()[1])'
}

. "$top/tests/lib/wait.bash"
. "$top/tests/lib/api.bash"
. "$top/tests/lib/config.bash"
. "$top/tests/lib/state.bash"

# The folders of a console, with the owners and modes of tmpfiles.d; root
# stands for berth, so that the web user is somebody else.
make_tree() {
  tree=$(mktemp -d "${TMPDIR:-/tmp}/berth-api.XXXXXX")
  chmod 0755 "$tree"
  install -d -m 0755 "$tree"/{etc,spool,lib,log,run}
  install -d -m 0700 "$tree/spool/lock"
  : >"$tree/etc/ssh_config"
  install -d -g www-data -m 1770 "$tree/spool/drop"
  install -d -m 0700 "$tree/spool/drop-root"
  install -d -g www-data -m 2750 "$tree"/spool/{receipts,queue,active,bad} \
    "$tree"/lib/{history,state} "$tree/lib/history/applications" \
    "$tree"/lib/state/{server,job,hosts,clusters,applications} \
    "$tree/log/berth"
  # The web user reads these, and the sources may lie where it may not look.
  install -d "$tree/www"
  install -m 0755 "$top/build/bin/berth.fcgi" "$tree/www/berth.fcgi"
  cp -r "$top/htdocs" "$tree/www/htdocs"
  port=$(free_port)
  BERTH_URL=http://127.0.0.1:$port/berth
  export tree port BERTH_URL
}

write_config() {
  config "$BERTH_URL" console 'login_case = "lower"
login_realm = "EXAMPLE.COM"
login_domain = "EXAMPLE"
web_user = "www-data"
disk_floor = "1M"
most_a_minute = 1000' application.shop "dump = \"$tree/shop.dmp\"
url = \"http://{server}.example.com/\"" >"$tree/etc/berth.conf"
  cat >>"$tree/etc/berth.conf" <<'EOS'

[host.kvm1.image.debian12]
volume = "debian12.qcow2"
EOS
}

apache_modules() {
  local m
  for m in mpm_event authz_core authz_host authz_user authn_core authn_file \
    auth_basic alias autoindex dir mime env setenvif headers filter unixd "$@"; do
    # Some are built in.
    [ -e "$modules/mod_$m.so" ] || continue
    echo "LoadModule ${m}_module $modules/mod_$m.so"
  done
}

# start_apache [fcgid|proxy]: with basic auth for alice, bob, carol (their
# name is their password) and "Alice@EXAMPLE.COM".
start_apache() {
  local extra conf
  variant=${1:-$variant}
  case $variant in
    fcgid) extra=fcgid conf=berth.conf ;;
    proxy) extra="buffer proxy proxy_fcgi" conf=berth-proxy.conf ;;
  esac
  install -d -o www-data -m 0755 "$tree/run/fcgid"
  : >"$tree/users"
  local user
  for user in alice bob carol Alice@EXAMPLE.COM carol@OTHER.ORG 'EXAMPLE\Carol' 'no user'; do
    htpasswd -bs "$tree/users" "$user" "$user" 2>>"$tree/htpasswd.log"
  done
  cat >"$tree/login.conf" <<EOS
AuthType Basic
AuthName "Berth"
AuthUserFile "$tree/users"
${REQUIRE:-Require valid-user}
EOS
  {
    # shellcheck disable=SC2086
    apache_modules $extra
    cat <<EOS
ServerRoot "$tree/run"
DefaultRuntimeDir "$tree/run"
PidFile "$tree/run/apache2.pid"
ErrorLog "$tree/log/error.log"
Listen 127.0.0.1:$port
ServerName 127.0.0.1
User www-data
Group www-data
TypesConfig /etc/mime.types
DocumentRoot "$tree/run"
StartServers 1
ThreadsPerChild 25
MaxRequestWorkers 25
MinSpareThreads 1
MaxSpareThreads 25
LogLevel info
<IfModule fcgid_module>
  FcgidIPCDir "$tree/run/fcgid"
  FcgidProcessTableFile "$tree/run/fcgid/shm"
</IfModule>
Define BERTH_CONFIG "$tree/etc/berth.conf"
Define BERTH_PROGRAM "$tree/www/berth.fcgi"
Define BERTH_HTDOCS "$tree/www/htdocs"
Define BERTH_SOCKET "$tree/run/berth.sock"
Define BERTH_SECRET_FILE "$tree/etc/apache.secret"
Define BERTH_LOGIN "$tree/login.conf"
Define BERTH_COMMON "$top/build/apache/berth-common.conf"
Include "$top/build/apache/$conf"
${APACHE_MORE:+Include "$APACHE_MORE"}
EOS
  } >"$tree/etc/apache2.conf"
  if [ "$variant" = proxy ]; then
    # Another on the same socket would end at once, and its number hide this one.
    stop program
    rm -f "$tree/run/berth.sock"
    start_program
  fi
  apache2 -f "$tree/etc/apache2.conf" -D FOREGROUND \
    >"$tree/log/apache.out" 2>&1 3>&- &
  echo $! >"$tree/run/apache"
  wait_until 10 curl -s -o /dev/null "$BERTH_URL/" || {
    cat "$tree/log/apache.out" "$tree/log/error.log" >&2
    return 1
  }
}

# As the unit does it: four processes of $program_user on one socket, which is
# Apache's; the secret, where there is one, is a file of their own.
start_program() {
  local user=${program_user:-www-data} secret=()
  [ ! -d "$tree/run/credentials" ] ||
    secret=(BERTH_SECRET_FILE="$tree/run/credentials/apache.secret")
  env BERTH_CONFIG="$tree/etc/berth.conf" "${secret[@]}" \
    spawn-fcgi -n -s "$tree/run/berth.sock" -u "$user" -g "$user" \
    -U www-data -G www-data -M 0600 -- \
    /usr/bin/multiwatch -f 4 -- "$tree/www/berth.fcgi" \
    >"$tree/log/program.out" 2>&1 3>&- 4>&- &
  echo $! >"$tree/run/program"
  wait_until 10 test -S "$tree/run/berth.sock"
}

# pid_of runner|apache|program; a file, because a test starts in a shell of
# its own.
pid_of() { cat "$tree/run/$1"; }

stop() { # runner|apache|program
  local pid
  pid=$(pid_of "$1" 2>/dev/null) || return 0
  rm "$tree/run/$1"
  # A stopped process does not hear TERM.
  kill -TERM "$pid" 2>/dev/null && kill -CONT "$pid" || return 0
  wait_until 10 is_gone "$pid" || kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null || true
}
stop_all() {
  [ -n "${tree:-}" ] || return 0
  stop runner
  stop apache
  stop program
  if [ -n "${KEEP_TREE:-}" ]; then
    echo "# kept $tree" >&3
  else
    rm -rf "$tree"
  fi
}

# test_host SERVER...: what kvm1 has, running, on libvirt's test driver.
test_host() {
  local name
  {
    echo '<node>'
    for name; do
      printf '<domain type="test"><name>%s</name>' "$name"
      printf '<memory>131072</memory><vcpu>1</vcpu>'
      printf '<os><type>hvm</type></os></domain>\n'
    done
    echo '</node>'
  } >"$tree/etc/node.xml"
  sed -i "s|^uri = \"test:///default\"|uri = \"test://$tree/etc/node.xml\"|" \
    "$tree/etc/berth.conf"
}

# start_runner [PROGRAM]: a real berthd and its real berth-watch, until it has
# seen the test host, qa1 to qa4 where nothing else was said. Root stands for berth; whatever a build starts fails soon,
# because there is no guest to reach, and that is enough here.
start_runner() {
  local last
  [ -e "$tree/etc/node.xml" ] || test_host qa1 qa2 qa3 qa4
  BERTH_CONFIG=$tree/etc/berth.conf "${1:-$top/build/bin/berthd}" \
    >>"$tree/log/berthd.log" 2>&1 3>&- &
  echo $! >"$tree/run/runner"
  last=$(sed -n 's|.*<name>\(.*\)</name>.*|\1|p' "$tree/etc/node.xml" |
    tail -n 1)
  wait_until 20 server_is_running "$last" || {
    cat "$tree/log/berthd.log" >&2
    return 1
  }
}
server_is_running() {
  python3 - "$tree/lib/state/server/$1.json" <<'EOS'
import json, sys
server = json.loads(open(sys.argv[1]).read().split('\n', 1)[1])
sys.exit(not (server['fresh'] and server['state'] == 'running'))
EOS
}
