#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# watch.sh [DOMAINS]: proportional set size of one berth-watch whose host has so
# many domains (200), with two snapshots on every tenth, beside the budget of
# 12 MB: after its first reading, after 1,000 events, and after a second
# reading of everything; and its processor time over a minute in which nothing
# happens, to show that it polls nothing. A libvirtd of its own with the test
# driver, in one folder below /tmp, as an ordinary user.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/bench.bash
. tests/bench/bench.bash
domains=${1:-200}
idle=${IDLE:-50}
dir=$(mktemp -d /tmp/berth-watch-bench.XXXXXX)
pids=
clean_up() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap clean_up EXIT
chmod 0711 "$dir"
mkdir -p "$dir/libvirt" "$dir/etc" "$dir/lib/state" "$dir/spool/lock" \
  "$dir/spool/drop" "$dir/spool/drop-root" "$dir/spool/receipts" "$dir/spool/queue" \
  "$dir/spool/active" "$dir/spool/bad"
chown nobody: "$dir/libvirt"
cat >"$dir/libvirt/libvirtd.conf" <<EOS
unix_sock_dir = "$dir/libvirt"
listen_tls = 0
listen_tcp = 0
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_rw_perms = "0777"
log_outputs = "3:file:$dir/libvirt/log"
EOS
env -i PATH=/usr/sbin:/usr/bin HOME="$dir/libvirt" \
  XDG_RUNTIME_DIR="$dir/libvirt" XDG_CONFIG_HOME="$dir/libvirt" \
  XDG_CACHE_HOME="$dir/libvirt" setpriv --reuid=nobody --regid=nogroup \
  --clear-groups /usr/sbin/libvirtd -f "$dir/libvirt/libvirtd.conf" \
  -p "$dir/libvirt/pid" &
pids="$pids $!"
uri="test+unix:///default?socket=$dir/libvirt/libvirt-sock"
for _ in $(seq 100); do
  virsh -q -c "$uri" list >/dev/null 2>&1 && break
  sleep 0.1
done
# The driver forgets everything when its last client leaves.
virsh -q -c "$uri" event --all --loop >/dev/null 2>&1 &
pids="$pids $!"
for i in $(seq "$domains"); do
  cat >"$dir/d$i.xml" <<EOS
<domain type='test'><name>qa$i</name><memory unit='MiB'>512</memory>
<vcpu>2</vcpu><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
<source file='/var/lib/libvirt/images/qa$i.qcow2'/><target dev='vda'/></disk>
<interface type='network'><source network='default'/></interface>
</devices></domain>
EOS
  echo "define $dir/d$i.xml; start qa$i"
  [ $((i % 10)) -ne 0 ] ||
    echo "snapshot-create-as qa$i a note; snapshot-create-as qa$i b note"
done | virsh -q -c "$uri" >/dev/null
cat >"$dir/etc/berth.conf" <<EOS
[console]
title = "bench"
url = "http://127.0.0.1/berth"
[paths]
spool = "$dir/spool"
lib = "$dir/lib"
log = "$dir/log"
run = "$dir/run"
cache = "$dir/cache"
[host.h]
uri = "$uri"
servers = "qa*"
EOS
build/bin/berth-watch --config "$dir/etc/berth.conf" h 2>"$dir/watch.log" &
watch=$!
pids="$pids $watch"
state=$dir/lib/state/hosts/h.json
for _ in $(seq 100); do
  [ -s "$state" ] && grep -q '"connected":true' "$state" && break
  sleep 0.1
done
[ "$(tail -n 1 "$state" | jq '.domains | length')" = "$domains" ]
cpu() { awk '{ print ($14 + $15) * 10 }' "/proc/$watch/stat"; }
show() { # NAME KIB
  printf '%-28s %6d KiB, budget 12288 KiB, ratio %s\n' "$1" "$2" \
    "$(awk -v t="$2" 'BEGIN { printf "%.2f", t / 12288 }')"
}
show "first reading, $domains domains" "$(pss "$watch")"
for _ in $(seq 500); do echo "destroy qa1; start qa1"; done |
  virsh -q -c "$uri" >/dev/null
sleep 1
show "after 1,000 events" "$(pss "$watch")"
from=$(cpu)
kill -URG "$watch"
sleep 2
show "after another reading" "$(pss "$watch")"
printf '%-28s %6d ms of processor time\n' "that reading" $(($(cpu) - from))
from=$(cpu)
sleep "$idle"
printf '%-28s %6d ms of processor time in %d s\n' "nothing happens" \
  $(($(cpu) - from)) "$idle"
