#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# apache.sh start [fcgid|proxy] | stop | restart [fcgid|proxy]: the console's
# Apache, with the file that ships, as make built it (build/apache), and basic
# auth for alice, bob and the admin carol. Everything that differs here from a
# usual machine goes through that file's own Defines.
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"
need_programs apache2 htpasswd
dir=$LAB_DIR/apache
variant=${2:-fcgid}
case "$variant" in
  fcgid) conf=berth.conf ;;
  proxy) conf=berth-proxy.conf ;;
  *) die "the variants are fcgid and proxy, not $variant" ;;
esac

users() {
  local name
  : >"$dir/users"
  for name in BERTH_USER:BERTH_PASSWORD BERTH_USER2:BERTH_PASSWORD2 \
    BERTH_ADMIN:BERTH_ADMIN_PASSWORD; do
    lab_get "${name#*:}" | htpasswd -iB -C 4 "$dir/users" \
      "$(lab_get "${name%:*}")" 2>/dev/null
  done
  chown root:www-data "$dir/users"
  chmod 0640 "$dir/users"
  cat >"$dir/login.conf" <<EOS
AuthType Basic
AuthName "Test servers"
AuthUserFile $dir/users
Require valid-user
EOS
}

server_conf() {
  local module
  # The modules that the file says it depends on, and those of the login.
  for module in mpm_event auth_basic authn_core authn_file authz_user \
    $(sed -n 's/^# Depends: //p' "$dir/$conf"); do
    printf 'LoadModule %s_module %s\n' "$module" \
      "/usr/lib/apache2/modules/mod_$module.so"
  done
  cat <<EOS
Listen 127.0.0.1:$(lab_get APACHE_PORT)
ServerName 127.0.0.1
ServerRoot $dir
PidFile $dir/apache2.pid
DefaultRuntimeDir $dir
ErrorLog $dir/error.log
LogFormat "%h %u %t \"%r\" %>s %O %D" common
CustomLog $dir/access.log common
TypesConfig /etc/mime.types
User www-data
Group www-data
StartServers 1
ThreadsPerChild 25
MaxRequestWorkers 50
<IfModule fcgid_module>
  FcgidIPCDir $dir/fcgid
  FcgidProcessTableFile $dir/fcgid/shm
</IfModule>
<Directory />
  AllowOverride None
</Directory>
Define BERTH_CONFIG $(lab_get BERTH_CONFIG)
Define BERTH_PROGRAM $LAB_DIR/usr/libexec/berth/berth.fcgi
Define BERTH_HTDOCS $LAB_DIR/usr/share/berth/htdocs
Define BERTH_SOCKET $dir/socket/berth.sock
Define BERTH_LOGIN $dir/login.conf
Define BERTH_COMMON $dir/berth-common.conf
Include $dir/$conf
EOS
}

answers() {
  [ "$(curl -s -o "$dir/probe" -w '%{http_code}' -u "$(lab_get BERTH_USER):$(
    lab_get BERTH_PASSWORD)" "$(lab_get BERTH_URL)/api/me")" = 200 ]
}

start() {
  "$lab_source/programs.sh"
  [ -x "$LAB_DIR/usr/libexec/berth/berth.fcgi" ] ||
    die "build/bin/berth.fcgi is not built"
  install -d -m 0755 "$dir"
  install -d -o www-data -g www-data -m 0700 "$dir/fcgid" "$dir/socket"
  [ -f "$dir/users" ] || users
  cp "$top/build/apache/$conf" "$top/build/apache/berth-common.conf" "$dir"
  server_conf >"$dir/apache2.conf"
  if [ "$variant" = proxy ]; then
    part_start fcgi env -i BERTH_CONFIG="$(lab_get BERTH_CONFIG)" \
      /usr/bin/python3 "$lab_source/fcgi.py" "$dir/socket/berth.sock" \
      www-data 4 "$LAB_DIR/usr/libexec/berth/berth.fcgi"
  fi
  part_start apache apache2 -f "$dir/apache2.conf" -D FOREGROUND
  wait_for 20 "the console's Apache" answers ||
    die "$(cat "$dir/probe"; tail -n 20 "$dir/error.log" "$LAB_DIR/log/"{apache,fcgi}.log 2>&1)"
}

stop() {
  part_stop apache
  part_stop fcgi
}

case "${1:-}" in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  *) die "usage: apache.sh start [fcgid|proxy] | stop | restart [fcgid|proxy]" ;;
esac
