#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that is a machine: QEMU under libvirt, Debian 12, systemd, Apache with
# mod_wsgi, an address of its own; PostgreSQL and the repository, Subversion's,
# on another network. git.bats has a second one, for the rest. The tests build
# on one another in this order.
bats_require_minimum_version 1.5.0
load ../lib/machines

setup_file() { guest_lab qa1; }
teardown_file() { guest_lab_ends; }
setup() { need_guests; }

@test "the console shows the guest running, with an address of its own" {
  local shown end=$((SECONDS + 120 * PATIENCE))
  wait_state qa1 running
  # Until the lease is seen, the name in ssh_config is all that is known.
  until
    shown=$(call_api servers/qa1)
    jq -e '.addresses | any(startswith("10.77.1."))' <<<"$shown"
  do
    [ "$SECONDS" -lt "$end" ] || fail "$shown"
    sleep 0.5
  done
}

@test "the commands of docs/servers.md enrol a guest" {
  "$guests/enroll.sh" qa1
  need_base shop
}

@test "the console's key can run nothing but berth-guest's verbs" {
  local ssh="ssh -F $LAB_DIR/etc/berth/ssh_config qa1" words
  for words in id "berth-guest 1 shell 1" "berth-guest 1 status 1; id" \
    "bash -c id" ""; do
    run in_lab -u berth sh -c "$ssh '$words' </dev/null"
    [ "$status" = 10 ] || fail "'$words' ended with $status: $output"
    [[ "$output" == *'"refused":true'* && "$output" != *uid=* ]] ||
      fail "'$words': $output"
  done
  # Neither files, nor a terminal, nor a way through to somewhere else.
  for words in "-s sftp" "-t id" "-N -W 10.77.2.2:$PGPORT"; do
    run in_lab -u berth sh -c "timeout 20 ssh -F \
      $LAB_DIR/etc/berth/ssh_config ${words%% *} qa1 ${words#* } </dev/null"
    [ "$status" != 0 ]
    [[ "$output" != *uid=* ]]
  done
}

@test "a path of Subversion with data: the guest's own Apache serves it" {
  build qa1 trunk newest
  must succeeded
  check_whole qa1 "$JOB"
  # What the settings that Berth rendered say of the cluster is an address that
  # the guest has to cross a router for, and the data came that way.
  on qa1 "grep -q 10.77.2.2 /etc/shop/settings.py"
  run on qa1 "readlink /srv/shop/current; stat -c %U:%G /srv/shop/current/."
  [[ "$output" == [ab]*shop:shop ]]
  sql "alter system set log_connections = on"
  sql "select pg_reload_conf()"
  curl -s http://qa1.qa.lab/ | grep -q '<h1>Shop</h1>'
  grep -q 'connection received: host=10\.77\.1\.' "$LAB_DIR/log/postgres.log"
}

# The worker's ssh gives up after 20 s without an answer: what is shorter is
# waited for.
@test "a branch with a migration, and the network fails for a second in each step" {
  local step hit=0
  build qa1 branches/checkout-2 newest
  for step in preflight database checkout render prepare switch restart \
    verify; do
    wait_step "$JOB" "$step" || continue
    cut_network qa1
    sleep 1
    mend_network qa1
    hit=$((hit + 1))
  done
  must succeeded
  check_whole qa1 "$JOB"
  echo "$hit of 8 steps were hit"
  [ "$hit" -ge 7 ]
  # prepare ran it before the switch.
  grep -q 'prepare .*Applying catalogue.0002_delivery_days... OK' \
    "$LOG_DIR/$JOB.log"
  health qa1 | grep -q '^columns .*delivery_days'
}

# Before a build that fails: that would take the slot undo wants.
@test "undo brings back the path, the data and the files before" {
  run call_api servers/qa1/undo -X POST --json '{}'
  JOB=$(jq -r '.job // empty' <<<"$output")
  [ -n "$JOB" ] || fail "not accepted: $output"
  must succeeded
  # check_whole tells of builds; an undo's line in the history is no build's.
  grep -q "\"job\":$JOB\b" "$HISTORY_DIR/qa1.jsonl"
  health qa1 | grep -qx 'columns id,name,price_cents'
}

@test "a configuration that Apache refuses is put back, and nothing reloads" {
  local file=$LAB_DIR/etc/berth/templates/shop/etc/apache2/sites-available
  local before since ask
  ask="md5sum /etc/apache2/sites-available/shop.conf
    grep -c graceful /var/log/apache2/error.log"
  before=$(health qa1)
  since=$(on qa1 "$ask")
  cp "$file/shop.conf.tpl" "$BATS_TEST_TMPDIR/kept"
  echo 'NoSuchDirective on' >>"$file/shop.conf.tpl"
  build qa1 trunk none
  wait_end "$JOB"
  cp "$BATS_TEST_TMPDIR/kept" "$file/shop.conf.tpl"
  [ "$STATE" = failed ]
  [ "$(call_api "jobs/$JOB" | jq -r .failed_step)" = switch ]
  grep -q "Invalid command 'NoSuchDirective'" "$LOG_DIR/$JOB.log"
  [ "$since" = "$(on qa1 "$ask")" ]
  [ "$before" = "$(health qa1)" ]
}

@test "a check tells what was edited in a checkout of Subversion" {
  tells_edits qa1
}

@test "the network fails for long in the switch: settled when it is back" {
  cut_for_long qa1 trunk switch
}

@test "the power fails in the switch: settled when the guest is back" {
  local before
  build qa1 branches/checkout-2 newest
  wait_step "$JOB" switch
  virsh destroy qa1
  wait_state qa1 "shut off"
  virsh start qa1
  "$guests/booted.sh" wait qa1
  wait_end "$JOB"
  echo "job $JOB $STATE: $(call_api "jobs/$JOB" | jq -r .detail)"
  check_whole qa1 "$JOB"
}
