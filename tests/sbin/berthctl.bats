#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berthctl against a berthd of its own: no Apache, for that is its point.
bats_require_minimum_version 1.5.0
load ../api/helper

ctl() { "$top/build/bin/berthctl" --config "$tree/etc/berth.conf" "$@"; }

start_berthd() {
  BERTH_CONFIG=$tree/etc/berth.conf "$top/build/bin/berthd" \
    >>"$tree/log/berthd.log" 2>&1 3>&- &
  echo $! >"$tree/run/runner"
  wait_until 20 grep -q qa2 "$tree/lib/state/servers.json"
}

setup_file() {
  local name
  make_tree
  write_config
  sed -i "s|^uri = .*|uri = \"test://$tree/etc/node.xml\"|" \
    "$tree/etc/berth.conf"
  {
    echo '<node>'
    for name in qa1 qa2; do
      printf '<domain type="test"><name>%s</name><memory>131072</memory>' $name
      printf '<vcpu>1</vcpu><os><type>hvm</type></os></domain>\n'
    done
    echo '</node>'
  } >"$tree/etc/node.xml"
  start_berthd
}
teardown_file() { stop_all; }

setup() { [ "$(id -u)" = 0 ] || skip "needs root: its drops are of uid 0"; }

# request JSON: submitted; the receipt is $output.
request() { run "-${2:-0}" ctl submit - <<<"$1"; }

@test "check tells every problem at once, each with its line" {
  mkdir -p "$BATS_TEST_TMPDIR/conf.d"
  cat >"$BATS_TEST_TMPDIR/berth.conf" <<'EOS'
[console]
url = "ftp://x"
colour = "red"
[host.Big]
uri = "test:///default"
[application.shop]
kind = "cvs"
EOS
  echo 'x = [' >"$BATS_TEST_TMPDIR/conf.d/more.conf"
  run -1 "$top/build/bin/berthctl" --config "$BATS_TEST_TMPDIR/berth.conf" check
  [ "${#lines[@]}" -ge 6 ]
  [[ "$output" == *"berth.conf:2:"* ]]
  [[ "$output" == *"berth.conf:3:"*colour* ]]
  [[ "$output" == *"more.conf:1:"* ]]
  [[ "${lines[-1]}" == "berthctl: "*" problems" ]]
}

@test "check tells of files that are missing or open to others" {
  mkdir -p "$tree/etc/secrets/shop"
  echo hush >"$tree/etc/secrets/shop/key"
  chmod 0644 "$tree/etc/secrets/shop/key"
  run -1 ctl check
  [[ "$output" == *"$tree/etc/known_hosts: missing"* ]]
  [[ "$output" == *"$tree/etc/secrets/shop/key: "*"chmod 0640"* ]]
}

@test "status shows berthd, the host and the servers" {
  run -0 ctl status
  [[ "$output" == *"berthd  up, as of 20"* ]]
  [[ "$output" == *"kvm1  true"* ]]
  [[ "$output" == *"qa1     kvm1  running"* ]]
}

@test "submit prints the receipt and exits by it" {
  request '{"action":"reserve","target":"qa1","arguments":{"hours":1},"user":"dora"}'
  [[ "$output" == '{"version":1,"token":"'*'"outcome":"accepted"'* ]]
  request '{"action":"reserve","target":"qa77","arguments":{"hours":1}}' 1
  [[ "$output" == *'"outcome":"refused"'* ]]
  request '{"action":"explode","target":"qa1"}' 1
  request '{"action":"release","target":"qa1","end":true}' 1
  [[ "$output" == *end* ]]
  request '{"action":"rel' 1
  head -c 70000 /dev/zero | tr '\0' ' ' >"$BATS_TEST_TMPDIR/huge"
  run -1 ctl submit "$BATS_TEST_TMPDIR/huge"
  [[ "$output" == *"64 KiB"* ]]
  run -1 ctl submit "$BATS_TEST_TMPDIR/none"
}

@test "release-all gives back what a user holds and nothing else" {
  request '{"action":"reserve","target":"qa1","arguments":{"hours":1},"user":"dora"}'
  request '{"action":"reserve","target":"qa2","arguments":{"hours":1},"user":"emil"}'
  run -0 ctl release-all dora
  wait_until 5 eval '! ctl status | grep -q dora'
  run -0 ctl status
  [[ "$output" == *emil* ]]
  run -0 ctl release-all dora
  [ "$output" = "dora holds no server" ]
  run -0 ctl release-all emil
}

@test "drained, no new job is accepted, until it is off" {
  build='{"action":"build","target":"qa1","arguments":{"application":"shop","path":"trunk","database":"none","checkout":true}}'
  run -0 ctl drain on
  request "$build" 1
  [[ "$output" == *draining* ]]
  wait_until 5 eval 'ctl status | grep -q draining:'
  run -0 ctl drain off
  request "$build"
}

@test "publish waits for its job and tells why it failed" {
  # This console's cluster is not there, and nothing was begun on it.
  run -1 ctl --timeout 20 publish shop shop_base
  [[ "$output" == *"connect to cluster db1"* ]]
  [[ "${lines[-1]}" == "berthctl: job "*" failed: "* ]]
  run -1 ctl publish nothing shop_base
  [[ "$output" == *"no application nothing"* ]]
}

@test "publish exits 1 with the end of the log when the job fails" {
  [ -n "${LAB_DIR:-}" ] || skip "needs the lab: LAB_DIR is not set"
  run -1 "$top/tests/lab/in.sh" berthctl publish shop no_such_database
  [[ "$output" == *no_such_database* ]]
  [[ "${lines[-1]}" == "berthctl: job "*" failed: "* ]]
}

@test "who is not root submits nothing" {
  before=$(ls -A "$tree/spool/drop")
  run -1 setpriv --reuid=65534 --clear-groups --regid=65534 \
    "$top/build/bin/berthctl" --config "$tree/etc/berth.conf" drain on
  [[ "$output" == *root* ]]
  [ "$(ls -A "$tree/spool/drop")" = "$before" ]
}

@test "words that are no command exit 64" {
  run -64 ctl
  run -64 ctl dance
  run -64 ctl drain perhaps
  run -64 ctl publish shop
  run -64 ctl publish shop base --data-at yesterday
  run -64 ctl release-all 'a b'
  run -64 ctl --timeout soon status
}

@test "with berthd away status tells it and a request waits" {
  stop runner
  run -0 ctl status
  [[ "$output" == *"berthd  away, last heard of 20"* ]]
  [[ "$output" == *qa1* ]]
  run -3 ctl --timeout 1 drain on
  [[ "$output" == *"stays submitted"* ]]
  start_berthd
  wait_until 10 eval 'ctl status | grep -q draining:'
}
