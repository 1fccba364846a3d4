#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berthctl against a berthd of its own: no Apache, for that is its point.
bats_require_minimum_version 1.5.0
load ../lib/console
load ../lib/published
load ../lib/lab
load ../lib/sql

ctl() { "$top/build/bin/berthctl" --config "$tree/etc/berth.conf" "$@"; }

setup_file() {
  make_tree
  write_config
  test_host qa1 qa2
  start_runner
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
  [ "$output" = "dora holds no servers" ]
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
  run -1 ctl --timeout 200 publish shop shop_base
  [[ "$output" == *"connect to cluster db1"* ]]
  [[ "${lines[-1]}" == "berthctl: job "*" failed: "* ]]
  run -1 ctl publish nothing shop_base
  [[ "$output" == *"no application nothing"* ]]
}

@test "publish exits 1 with the end of the log when the job fails" {
  need_labs_cluster
  run -1 in_lab berthctl publish shop no_such_database
  [[ "$output" == *no_such_database* ]]
  [[ "${lines[-1]}" == "berthctl: job "*" failed: "* ]]
}

# The lab's own cluster; this file's console stays the test's.
need_labs_cluster() {
  has_lab || skip "no lab: LAB_DIR is not set (tests/lab/up.sh starts one)"
  eval "$(grep -E '^PG(HOST|PORT)=' "$LAB_DIR/lab.env")"
}
lab() { in_lab "$@" </dev/null; }

@test "doctor on a real cluster tells the right that is missing, with the SQL" {
  need_labs_cluster
  run lab berthctl doctor
  [[ "$output" == *"ok       PostgreSQL "* ]]
  [[ "$output" == *"ok       role berth"*pg_signal_backend* ]]
  local before=$output
  sql 'REVOKE pg_signal_backend FROM berth'
  run lab berthctl doctor
  sql 'GRANT pg_signal_backend TO berth'
  [ "$status" -eq 1 ]
  local grant='GRANT "pg_signal_backend" TO '
  [[ "$output" == *"problem  "*"$grant"* ]]
  [[ "$before" != *"$grant"* ]]
}

@test "adopt on a real cluster: shown, confirmed by its OID, marked, once" {
  need_labs_cluster
  sql 'DROP DATABASE IF EXISTS shopgit_qa6' \
    'CREATE DATABASE shopgit_qa6 OWNER shop' \
    "COMMENT ON DATABASE shopgit_qa6 IS 'since 2011'"
  local oid
  oid=$(sql "SELECT oid FROM pg_database WHERE datname = 'shopgit_qa6'")
  run -1 lab berthctl adopt qa6 shopgit --yes-OID 99999
  [[ "$output" == *"owner shop"*"0 sessions"*"save its text first"* ]]
  # A comment can be a row's: no log has it.
  [[ "$output" != *"since 2011"* ]]
  [[ "$output" == *"it has OID $oid, not 99999"* ]]
  [ "$(sql "SELECT shobj_description($oid, 'pg_database')")" = 'since 2011' ]
  run -0 lab berthctl adopt qa6 shopgit --yes-OID "$oid"
  [[ "$(sql "SELECT shobj_description($oid, 'pg_database')")" == \
    *'"kind":"live"'*'"server":"qa6"'* ]]
  [ "$(sql "SELECT pg_get_userbyid(datdba), datallowconn FROM pg_database
    WHERE oid = $oid")" = 'shop|t' ]
  run -1 lab berthctl adopt qa6 shopgit --yes-OID "$oid"
  [[ "$output" == *"already marked"* ]]
  run -1 lab berthctl adopt qa5 shopgit
  [[ "$output" == *"has none"* ]]
  sql 'DROP DATABASE shopgit_qa6'
}

@test "drop-database on a real cluster drops an orphan, and nothing else" {
  need_labs_cluster
  local site name
  site=$(cat "$LAB_DIR/var/lib/berth/site")
  name=berth_${site:0:8}_b_shop_20200101000000
  sql "CREATE DATABASE $name OWNER shop" "COMMENT ON DATABASE $name IS '{\"berth\":1,
    \"site\":\"$site\",\"kind\":\"live\",\"state\":\"ready\",
    \"application\":\"shop\",\"generation\":\"20200101000000\",
    \"server\":\"qa77\",\"job\":1,\"data_at\":null,\"undo_until\":null}'"
  # berthd looks once a minute.
  listed() { lab berthctl status | grep -qF "$name"; }
  wait_until 90 listed
  run -1 lab berthctl doctor
  [[ "$output" == *"berthctl drop-database db1 $name"* ]]
  # Not confirmed.
  run -1 lab berthctl drop-database db1 "$name"
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname = '$name'")" = 1 ]
  for other in postgres template1 shop_base shopgit_base nothing_at_all; do
    run -1 lab berthctl drop-database db1 "$other" --yes
    [[ "$output" == *"$other is not an orphan"* ]]
  done
  run -0 lab berthctl drop-database db1 "$name" --yes
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname = '$name'")" = 0 ]
  grep -q '"event":"dropped"' \
    "$LAB_DIR/var/lib/berth/history/clusters/db1.jsonl"
}

@test "the night's unit may do what it has to, with all that it is refused" {
  need_labs_cluster
  # The capabilities that berth-refresh@.service keeps, and no others.
  run -0 setpriv --bounding-set=-all,+dac_override --inh-caps=-all \
    --no-new-privs "$top/build/bin/berthctl" \
    --config "$LAB_DIR/etc/berth/berth.conf" refresh shopgit --wait
  [[ "${lines[0]}" == "job "*" refreshes shopgit" ]]
  [[ "${lines[-1]}" =~ ^"job "[0-9]+" succeeded: "(generation|the dump) ]]
}

@test "who is not root submits nothing" {
  before=$(ls -A "$tree/spool/drop-root")
  run -1 setpriv --reuid=65534 --clear-groups --regid=65534 \
    "$top/build/bin/berthctl" --config "$tree/etc/berth.conf" drain on
  [[ "$output" == *root* ]]
  [ "$(ls -A "$tree/spool/drop-root")" = "$before" ]
}

@test "words that are no command exit 64" {
  run -64 ctl
  run -64 ctl dance
  run -64 ctl drain perhaps
  run -64 ctl publish shop
  run -64 ctl publish shop base --data-at yesterday
  run -64 ctl release-all 'a b'
  run -64 ctl --timeout soon status
  run -64 ctl refresh
  run -64 ctl refresh shop site
  run -64 ctl refresh shop --now
  run -64 ctl adopt qa1
  run -64 ctl adopt '../x' shop
  run -64 ctl adopt qa1 shop --yes-OID
  for oid in x 0 -1 1x 99999999999; do
    run -64 ctl adopt qa1 shop --yes-OID $oid
  done
  run -64 ctl drop-database db1
  run -64 ctl drop-database db1 'x; y'
  run -64 ctl doctor db1
  for job in '' 0 01 x -1 1x 1111111111111111; do
    run -64 ctl forget-job "$job"
  done
}

# Someone at a terminal who types LINE.
typing() { # LINE WORD...
  local line=$1
  shift
  printf '%s\n' "$line" | script -qec \
    "$top/build/bin/berthctl --config $tree/etc/berth.conf $*" /dev/null
}
# What berthd would publish of job 31 once it has ended.
ended() { # STATE DETAIL
  job_json 31 "$1" "\"$2\"" | state job/31.json
}
# berthd stands still, and its tidy is over; stand-ins decide, publish and work.
no_tidy() { ! pgrep -P "$(pid_of runner)" -f 'berth-worker .* tidy '; }
alone() {
  kill -STOP "$(pid_of runner)"
  wait_until 20 no_tidy
  rm -f "$tree/decided.json"
}
teardown() { kill -CONT "$(pid_of runner)" 2>/dev/null || true; }

@test "refresh submits, and with --wait tells how it ended" {
  alone
  decide_next 201 'job 31 refreshes shop' '{}'
  run -0 ctl refresh shop
  wait "$decider"
  [ "$output" = 'job 31 refreshes shop' ]
  [ "$(decided action) $(decided target) $(decided arguments)" = \
    '"refresh" "shop" {"again": false}' ]
  ended succeeded 'no newer dump than that of 2026-11-22T02:00:00Z'
  decide_next 201 'job 31 refreshes shop' '{}'
  run -0 ctl refresh --again --wait shop
  wait "$decider"
  [ "${lines[-1]}" = \
    'job 31 succeeded: no newer dump than that of 2026-11-22T02:00:00Z' ]
  [ "$(decided arguments)" = '{"again": true}' ]
  echo '2026-11-22T03:00:00Z assert 3 rows' >"$tree/log/berth/31.log"
  ended failed '20-emails.assert.sql: 3 rows'
  decide_next 201 'job 31 refreshes shop' '{}'
  run -1 ctl refresh shop --wait
  wait "$decider"
  [[ "$output" == *"assert 3 rows"* ]]
  [ "${lines[-1]}" = 'berthctl: job 31 failed: 20-emails.assert.sql: 3 rows' ]
  decide_next 409 'application site has no database' '{}'
  run -1 ctl refresh site --wait
  wait "$decider"
  [[ "$output" == *'no database'* ]]
  rm "$tree/lib/state/job/31.json"
  decide_next 201 'job 31 refreshes shop' '{}'
  run -3 ctl --timeout 1 refresh shop --wait
  wait "$decider"
  [[ "$output" == *'it continues'* ]]
}

found='shop_qa1 has OID 16412, is owned by shop and has 23 MiB; it can be adopted'

@test "adopt shows what is there and goes on when its name is typed" {
  alone
  echo '2026-11-22T03:00:00Z adopt 2 sessions: alice, cron' \
    >"$tree/log/berth/31.log"
  ended succeeded "$found"
  { decide_next 201 'job 31 inspects shop_qa1' '{}'; first=$decider; }
  run typing shop_qa1 adopt qa1 shop --timeout 1
  wait "$first"
  # It asked, it was confirmed, and the second request found no berthd.
  [[ "$output" == *"alice, cron"*"$found"*"Type shop_qa1 to continue"* ]]
  [ "$(decided arguments)" = '{"application": "shop", "oid": null}' ]
  local drop
  drop=$(find "$tree/spool/drop-root" -name '*.json')
  grep -q '"action":"adopt","target":"qa1","arguments":{"application":"shop","oid":16412}' \
    "$drop"
  rm "$drop"
}

@test "adopt changes nothing when another name is typed, or none can be" {
  alone
  ended succeeded "$found"
  for line in shop_qa2 '' y yes shop_qa1x 'shop_qa1 '; do
    decide_next 201 'job 31 inspects shop_qa1' '{}'
    run typing "$line" adopt qa1 shop
    wait "$decider"
    [ "$status" -eq 1 ]
    [[ "$output" == *'not confirmed; nothing was changed'* ]]
  done
  decide_next 201 'job 31 inspects shop_qa1' '{}'
  run -1 ctl adopt qa1 shop
  wait "$decider"
  [[ "$output" == *'not a terminal'*'--yes-OID 16412'* ]]
  decide_next 201 'job 31 inspects shop_qa1' '{}'
  run -1 ctl adopt qa1 shop --yes-OID 16411
  wait "$decider"
  [[ "$output" == *'it has OID 16412, not 16411'* ]]
  [ -z "$(find "$tree/spool/drop-root" -name '*.json')" ]
  # What cannot be adopted is the end of it.
  ended failed 'shop_qa1 does not exist'
  decide_next 201 'job 31 inspects shop_qa1' '{}'
  run -1 ctl adopt qa1 shop --yes-OID 16412
  wait "$decider"
  [ "${lines[-1]}" = 'berthctl: job 31 failed: shop_qa1 does not exist' ]
}

@test "drop-database shows what is known and drops what is typed" {
  local name=berth_00000000_b_shop_20200101000000
  alone
  cat <<EOS | state clusters/db1.json
{"version":2,"cluster":"db1","reachable":true,"reason":null,"as_of":"2026-11-22T20:00:00Z","server_version":"15.8","free_bytes":1,"bases":[],"spares":[],"live":[],"trash":0,"former":[],"orphans":[{"kind":"database","name":"$name","reason":"it has no marker","size":7000000}],"problems":[]}
EOS
  ended succeeded "$name is gone"
  decide_next 201 "job 31 drops $name" '{}'
  run typing "$name" drop-database db1 "$name"
  wait "$decider"
  [ "$status" -eq 0 ]
  [[ "$output" == *"$name on cluster db1: 6835 KiB: it has no marker"* ]]
  [ "$(decided action) $(decided target) $(decided arguments)" = \
    "\"drop_database\" \"db1\" {\"database\": \"$name\"}" ]
  run typing db1 drop-database db1 "$name"
  [ "$status" -eq 1 ]
  run -1 ctl drop-database db1 shop_qa1
  [[ "$output" == *'not known as an orphan'*'--yes'* ]]
  decide_next 409 'it is a live database' '{}'
  run -1 ctl drop-database db1 shop_qa1 --yes
  wait "$decider"
  [[ "$output" == *'refused: it is a live database'* ]]
  run -1 ctl drop-database db9 shop_qa1 --yes
  [[ "$output" == *'no cluster db9'* ]]
  [ -z "$(find "$tree/spool/drop-root" -name '*.json')" ]
}

# doctor beside a stand-in berth-worker, where there is an account berth.
doctor() { # WORKER-SCRIPT
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  chmod 0755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/bin"
  cp "$top/build/bin/berthctl" "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\n%s\n' "$1" >"$BATS_TEST_TMPDIR/bin/berth-worker"
  chmod 0755 "$BATS_TEST_TMPDIR/bin/berth-worker"
  { grep -v ^berth: /etc/passwd; echo 'berth:x:65532:65532::/nonexistent:/bin/sh'; } \
    >"$BATS_TEST_TMPDIR/passwd"
  { grep -v ^berth: /etc/group; echo 'berth:x:65532:'; echo 'more:x:65531:berth'; } \
    >"$BATS_TEST_TMPDIR/group"
  # shellcheck disable=SC2016
  unshare -m sh -c 'mount --bind "$1/passwd" /etc/passwd &&
    mount --bind "$1/group" /etc/group && shift && exec "$@"' sh \
    "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/bin/berthctl" \
    --config "$tree/etc/berth.conf" --timeout 2 doctor
}

@test "doctor asks each cluster as berth, with nothing of root's left" {
  chmod 0711 "$(dirname "$BATS_TEST_TMPDIR")" \
    "$(dirname "$(dirname "$BATS_TEST_TMPDIR")")" 2>/dev/null || true
  # shellcheck disable=SC2016
  SECRET=hush run -1 doctor 'echo "ok $*"
grep -E "^(Uid|Gid|Groups|CapEff):" /proc/self/status | tr "\t" " " |
  sed "s/^/ok /"
echo "ok $(env | sort | tr "\n" " ")"'
  [[ "$output" == *"cluster db1"* ]]
  [[ "$output" == *"ok       --config $tree/etc/berth.conf doctor db1"* ]]
  [[ "$output" == *"Uid: 65532 65532 65532 65532"* ]]
  [[ "$output" == *"Gid: 65532 65532 65532 65532"* ]]
  [[ "$output" == *"Groups: 65531 65532"* ]]
  [[ "$output" == *"CapEff: 0000000000000000"* ]]
  [[ "$output" == *"HOME=/nonexistent "* ]]
  [[ "$output" != *hush* ]]
}

@test "doctor tells problems with the SQL that mends them, and counts them" {
  alone
  # Of the files some are missing here; only what the cluster adds is new.
  run -1 doctor 'echo ok fine'
  local base=${lines[-1]//[!0-9]/}
  run -1 doctor 'echo "problem berth may not signal sessions"
echo "sql GRANT pg_signal_backend TO berth"'
  [[ "$output" == *"  problem  berth may not signal sessions
           GRANT pg_signal_backend TO berth;"* ]]
  [ "${lines[-1]}" = "berthctl: $((base + 1)) problems" ]
  # A worker that dies, hangs or babbles is a problem as well.
  run -1 doctor 'echo it is broken >&2; exit 3'
  [[ "$output" == *"exit code 3: it is broken"* ]]
  [ "${lines[-1]}" = "berthctl: $((base + 1)) problems" ]
  run -1 doctor 'exec sleep 60'
  [[ "$output" == *"did not answer in time"* ]]
  run -1 doctor 'printf "hello\033[2J\n"'
  [[ "$output" == *'unknown output of berth-worker: hello\x1b[2J'* ]]
}

@test "doctor names the domains that are skipped, with the reason" {
  alone
  local hosts=$tree/lib/state/hosts.json
  cp -p "$hosts" "$BATS_TEST_TMPDIR/hosts" 2>/dev/null || true
  cat <<'EOS' | state hosts.json
{"as_of":"2026-11-22T20:00:00Z","hosts":[{"name":"kvm1","uri":"test:///default","connected":true,"fresh":true,"as_of":"2026-11-22T20:00:00Z","reason":null,"servers":3,"skipped":[{"domain":"qa 1","reason":"the name is not a server name"},{"domain":"qa2","reason":"qa2 is a domain on host kvm1 and on host kvm2"}],"problems":["domain qa3: snapshot 'far': no time"]}]}
EOS
  run -1 doctor 'echo ok fine'
  [[ "$output" == *"ok       host kvm1: 3 servers
  problem  host kvm1: domain 'qa 1' is skipped: the name is not a server name
  problem  host kvm1: domain 'qa2' is skipped: qa2 is a domain on host kvm1 and on host kvm2
  problem  host kvm1: domain qa3: snapshot 'far': no time"* ]]
  rm "$hosts"
  [ ! -f "$BATS_TEST_TMPDIR/hosts" ] || cp -p "$BATS_TEST_TMPDIR/hosts" "$hosts"
}

@test "doctor lists orphans, each with what drops it" {
  alone
  cat <<'EOS' | state clusters/db1.json
{"version":2,"cluster":"db1","reachable":true,"reason":null,"as_of":"2026-11-22T20:00:00Z","server_version":"15.8","free_bytes":1,"bases":[],"spares":[],"live":[],"trash":0,"former":[],"orphans":[{"kind":"database","name":"berth_0_b_x","reason":"it has no marker","size":7000000},{"kind":"directory","name":"base/16500","reason":"no database has it","size":0},{"kind":"commented","name":"berth_0_s_x","reason":"has a comment that is none: mine","size":0}],"problems":["berth_0_b_y: its collations have changed"]}
EOS
  run -1 doctor 'echo ok fine'
  [[ "$output" == *"orphan database berth_0_b_x, 6835 KiB: it has no marker
           berthctl drop-database db1 berth_0_b_x"* ]]
  [[ "$output" == *"orphan directory base/16500, size unknown: no database"* ]]
  [[ "$output" == *"rm -r base/16500 "* ]]
  # drop-database would be refused until that is done.
  [[ "$output" == *"orphan database berth_0_s_x, "*"is none: mine
           COMMENT ON DATABASE \"berth_0_s_x\" IS NULL;"* ]]
  [[ "$output" != *"drop-database db1 berth_0_s_x"* ]]
  [[ "$output" == *"problem  as berthd last saw it: berth_0_b_y: its coll"* ]]
  rm "$tree/lib/state/clusters/db1.json"
}

# A berthd whose workers are stand-ins that die once and then cannot settle.
start_unsettled() {
  stop runner
  mkdir -p "$tree/bin"
  cp "$top"/build/bin/berth{d,-watch} "$tree/bin"
  cp "$top/tests/runner/stand-in-worker" "$tree/bin/berth-worker"
  printf 'die\nunsettled\n' >"$tree/etc/stand-in"
  start_runner "$tree/bin/berthd"
}
state_of() { grep -o '"state":"[a-z]*"' "$tree/lib/state/job/$1.json" | head -n1; }
is_unsettled() { [ "$(state_of "$1")" = '"state":"unsettled"' ]; }

@test "forget-job gives up what cannot be settled, and nothing else" {
  start_unsettled
  request '{"action":"build","target":"qa1","arguments":{"application":"site","path":"trunk","database":"none","checkout":true}}'
  local job=${output#*'"job":'}
  job=${job%%,*}
  wait_until 20 is_unsettled "$job"
  run -1 ctl forget-job "$job"
  [[ "$output" == *'not a terminal'*'--yes'* ]]
  run typing yes forget-job "$job"
  [[ "$status" -eq 1 && "$output" == *'nothing was changed'* ]]
  is_unsettled "$job"
  # A worker that has it is waited for, and then told.
  (
    flock 9
    run -1 ctl --timeout 1 forget-job "$job" --yes
    [[ "$output" == *"works on it"* ]]
  ) 9>>"$tree/spool/lock/job-$job"
  wait_until 20 is_unsettled "$job"
  # berthd tries it again now and then, and its worker has it for a moment.
  given_up() {
    run typing "job $job" forget-job "$job"
    [ "$status" = 0 ]
  }
  for _ in 1 2 3 4 5; do given_up && break; done
  [[ "$output" == *"job $job failed: given up by root"* ]]
  [ ! -e "$tree/spool/active/$job.json" ]
  tail -n 1 "$tree/lib/history/qa1.jsonl" | grep -q 'build_failed.*given up'
  # It has ended; and one that is not there.
  run -1 ctl forget-job "$job" --yes
  [[ "$output" == *"it is failed, not unsettled"* ]]
  run -1 ctl forget-job 999999 --yes
  [[ "$output" == *"no such job"* ]]
  # The server is free for the next: nothing of the old job stays.
  request '{"action":"release","target":"qa1"}'
  stop runner
  start_runner
}

@test "with berthd away status tells it and a request waits" {
  stop runner
  run -0 ctl status
  [[ "$output" == *"berthd  away, last reported at 20"* ]]
  [[ "$output" == *qa1* ]]
  run -3 ctl --timeout 1 drain on
  [[ "$output" == *"remains submitted"* ]]
  start_runner
  wait_until 10 eval 'ctl status | grep -q draining:'
}
