#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-watch as a program: its lock, its file, its end, and hosts that hang.
bats_require_minimum_version 1.5.0
load ../lib/console

setup() {
  make_tree
  write_config
  printf '[host.silent]\nuri = "%s"\nservers = "x*"\n' \
    "test+unix:///default?socket=$tree/run/silent.sock" >>"$tree/etc/berth.conf"
  test_host qa1
}
teardown() {
  stop silent
  stop libvirtd
  stop_all
}

watch_host() { # HOST: in the background; its pid is what `stop runner` ends
  "$top/build/bin/berth-watch" --config "$tree/etc/berth.conf" "$1" \
    >"$tree/log/watch.log" 2>&1 3>&- &
  echo $! >"$tree/run/runner"
}
published() { [ -s "$tree/lib/state/hosts/$1.json" ]; }

@test "it publishes for the web group, one watcher for one host" {
  watch_host kvm1
  wait_until 5 published kvm1
  [ "$(stat -c '%a %G' "$tree/lib/state/hosts/kvm1.json")" = "640 www-data" ]
  grep -q '"server":"qa1","state":"running"' "$tree/lib/state/hosts/kvm1.json"
  run -1 "$top/build/bin/berth-watch" --config "$tree/etc/berth.conf" kvm1
  [[ "$output" == *"already watched by process $(pid_of runner)"* ]]
}

@test "after kill -9 the next one takes over at once" {
  watch_host kvm1
  wait_until 5 published kvm1
  kill -9 "$(pid_of runner)"
  wait "$(pid_of runner)" || true
  watch_host kvm1
  wait_until 5 grep -q connected "$tree/log/watch.log"
}

@test "TERM ends it at once" {
  watch_host kvm1
  wait_until 5 published kvm1
  kill -TERM "$(pid_of runner)"
  wait_until 1 is_gone "$(pid_of runner)"
}

@test "a host that accepts and says nothing gives no heartbeat, and TERM ends it" {
  /usr/bin/python3 - "$tree/run/silent.sock" 3>&- <<'PY' &
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1] + ".new")
s.listen(8)
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(60)
PY
  echo $! >"$tree/run/silent"
  wait_until 5 test -S "$tree/run/silent.sock"
  watch_host silent
  sleep 2
  # It claims nothing about a host that it has not heard.
  run ! published silent
  run ! is_gone "$(pid_of runner)"
  kill -TERM "$(pid_of runner)"
  wait_until 1 is_gone "$(pid_of runner)"
}

# certificate NAME CONFIG-LINE: signed by the authority in $tree/pki.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "/CN=$1" -keyout "$tree/pki/${1}key.pem" -out "$tree/pki/$1.csr"
  openssl x509 -req -in "$tree/pki/$1.csr" -CA "$tree/pki/cacert.pem" \
    -CAkey "$tree/pki/cakey.pem" -CAcreateserial -days 2 -extfile <(echo "$2") \
    -out "$tree/pki/${1}cert.pem"
}

# A libvirtd with the test driver that listens for TLS, and for nobody without a
# certificate of its authority.
libvirtd_with_tls() {
  mkdir -p "$tree/pki" "$tree/libvirt"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj /CN=authority -days 2 -addext keyUsage=keyCertSign \
    -keyout "$tree/pki/cakey.pem" -out "$tree/pki/cacert.pem"
  certificate server subjectAltName=IP:127.0.0.1
  certificate client extendedKeyUsage=clientAuth
  tls_port=$(free_port)
  cat >"$tree/libvirt/libvirtd.conf" <<EOS
unix_sock_dir = "$tree/libvirt"
listen_tls = 1
listen_tcp = 0
listen_addr = "127.0.0.1"
tls_port = "$tls_port"
ca_file = "$tree/pki/cacert.pem"
cert_file = "$tree/pki/servercert.pem"
key_file = "$tree/pki/serverkey.pem"
auth_unix_ro = "none"
auth_unix_rw = "none"
auth_tls = "none"
EOS
  chown -R nobody: "$tree/libvirt" "$tree/pki"
  env -i PATH=/usr/sbin:/usr/bin HOME="$tree/libvirt" \
    XDG_RUNTIME_DIR="$tree/libvirt" XDG_CONFIG_HOME="$tree/libvirt" \
    XDG_CACHE_HOME="$tree/libvirt" setpriv --reuid=nobody --regid=nogroup \
    --clear-groups /usr/sbin/libvirtd --listen \
    -f "$tree/libvirt/libvirtd.conf" -p "$tree/libvirt/pid" \
    >"$tree/log/libvirtd" 2>&1 3>&- &
  echo $! >"$tree/run/libvirtd"
  wait_until 15 virsh -c \
    "test+unix:///default?socket=$tree/libvirt/libvirt-sock" list
}

@test "a host over TLS, with certificates; without one it says why" {
  [ "$(id -u)" = 0 ] || skip "libvirtd gets another user: needs root"
  libvirtd_with_tls >"$tree/log/tls" 2>&1 || { cat "$tree/log/"*; false; }
  printf '[host.tls]\nuri = "%s"\nservers = "test"\n' \
    "test+tls://127.0.0.1:$tls_port/default?pkipath=$tree/pki" \
    >>"$tree/etc/berth.conf"
  watch_host tls
  wait_until 10 published tls
  grep -q '"connected":true.*"server":"test"' "$tree/lib/state/hosts/tls.json"
  stop runner
  rm "$tree/pki/clientcert.pem"
  watch_host tls
  wait_until 10 grep -q '"connected":false' "$tree/lib/state/hosts/tls.json"
  tail -n 1 "$tree/lib/state/hosts/tls.json" | jq -r .reason |
    grep -qi 'certificate\|TLS'
}

@test "a host that is not configured is an error that names it" {
  run -1 "$top/build/bin/berth-watch" --config "$tree/etc/berth.conf" kvm9
  [[ "$output" == *"no [host.kvm9] in $tree/etc/berth.conf"* ]]
  run -64 "$top/build/bin/berth-watch"
  run -64 "$top/build/bin/berth-watch" kvm1 kvm2
}
