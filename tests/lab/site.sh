#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# site.sh start|stop|restart: SITE_URL/qa1/ leads to qa1's own Apache, and so
# does SITE_TLS_URL/qa1/, whose certificate LAB_DIR/site/site.pem has signed
# itself.
#
# An application's `url` in berth.conf is one pattern for all servers. Real
# guests differ by name; the lab's differ by port, and no name resolver can be
# relied on, so a small proxy turns the first folder of the path into the port.
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"
need_programs openssl
dir=$LAB_DIR/site

certificate() {
  [ ! -f "$dir/site.pem" ] || return 0
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -days 2 -subj /CN=lab -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$dir/site.key" -out "$dir/site.pem" 2>"$LAB_DIR/log/openssl.log" ||
    die "$(cat "$LAB_DIR/log/openssl.log")"
}

start() {
  local module guest
  install -d -m 0755 "$dir"
  certificate
  {
    for module in mpm_event authz_core proxy proxy_http ssl; do
      printf 'LoadModule %s_module %s\n' "$module" \
        "/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<EOS
Listen 127.0.0.1:$(lab_get SITE_PORT)
Listen 127.0.0.1:$(lab_get SITE_TLS_PORT)
ServerName 127.0.0.1
ServerRoot $dir
PidFile $dir/apache2.pid
DefaultRuntimeDir $dir
ErrorLog $dir/error.log
User qa-web
Group qa-web
StartServers 1
ThreadsPerChild 16
MaxRequestWorkers 16
MinSpareThreads 1
MaxSpareThreads 16
EOS
    for guest in $lab_guests; do
      # A guest that was away is asked again at once, and no connection to an
      # Apache that restarts is kept.
      printf 'ProxyPass /%s/ http://127.0.0.1:%s/ retry=0 disablereuse=on\n' \
        "$guest" "$(lab_get "HTTP_PORT_$guest")"
    done
    cat <<EOS
<VirtualHost 127.0.0.1:$(lab_get SITE_TLS_PORT)>
SSLEngine on
SSLCertificateFile $dir/site.pem
SSLCertificateKeyFile $dir/site.key
</VirtualHost>
EOS
  } >"$dir/apache2.conf"
  part_start site apache2 -f "$dir/apache2.conf" -D FOREGROUND
  wait_for 10 "the guests' address" curl -s -o /dev/null "$(lab_get SITE_URL)/"
}

stop() { part_stop site; }

part_main "$@"
