#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Power and snapshots as a tester has them: by the client, through Apache and
# berthd, on the lab's libvirtd. The lab's guests lie beside their domains, so
# that a revert changes the domain alone; tests/lab-qemu has the rest.
bats_require_minimum_version 1.5.0
load ../lib/wait
load ../lib/lab
load ../lib/api

berth=$top/sbin/berth

setup() { need_lab; }
teardown_file() {
  has_lab || return 0
  lab_env
  "$berth" release qa6 || true
}

as_bob() { BERTH_USER=$BERTH_USER2 BERTH_PASSWORD=$BERTH_PASSWORD2 "$@"; }
server() { call_api servers/qa6 | jq -r "$1"; }
last_event() { call_api "servers/qa6/history?limit=1" |
  jq -r '.lines[0].event'; }
reload() { kill -HUP "$(cat "$LAB_DIR/run/berthd.pid")"; }

@test "a server is shut down, started, rebooted and reset by who holds it" {
  "$berth" reserve qa6 1 "power"
  run -0 "$berth" power qa6 shutdown --wait
  [[ "$output" == *" shuts down qa6"*"succeeded: qa6 is shut off" ]]
  # Who sees the job end sees the state.
  [ "$(server .state)" = "shut off" ]
  [ "$(last_event)" = shut_down ]
  run -2 "$berth" power qa6 reboot
  [[ "$output" == *"qa6 "*"shut off"*"start it" ]]
  run -0 "$berth" power qa6 start --wait
  [[ "$output" == *"succeeded: qa6 is running; it is reachable over ssh" ]]
  [ "$(server .state)" = running ]
  [ "$(server '.since | fromdateiso8601')" -gt $(($(date +%s) - 60)) ]
  for action in reboot reset; do
    run -0 "$berth" power qa6 "$action" --wait
  done
  [ "$(last_event)" = was_reset ]
}

@test "somebody else is told whose it is" {
  run -2 as_bob "$berth" power qa6 reset
  [[ "$output" == *"qa6 is held by $BERTH_USER until "* ]]
  run -2 as_bob "$berth" snapshot qa6 take mine
  [[ "$output" == *"qa6 is held by $BERTH_USER until "* ]]
}

@test "the API says what a machine is" {
  [ "$(server '[.vcpus, .memory] | @csv')" = 1,536870912 ]
  [ "$(server .addresses_from)" != null ]
  [ "$(server '.snapshots | type')" = array ]
}

@test "the client says what it takes" {
  run -2 "$berth" power qa6 explode
  [[ "$output" == *"'start', 'shutdown', 'reboot' or 'reset'"* ]]
  run -64 "$berth" snapshot qa6 take ../x
  run -64 "$berth" snapshot qa6 revert x --note y
  run -2 "$berth" power qa6 reset --force
  [[ "$output" == *"force: only for 'shutdown'"* ]]
}

@test "a snapshot is taken, listed, gone back to and deleted" {
  run -0 "$berth" snapshot qa6 take clean --note "before <b>it</b>" --wait
  run -0 "$berth" snapshots qa6
  [[ "${lines[0]}" == SNAPSHOT*TAKEN*STATE*CURRENT*JOB*NOTE* ]]
  [[ "${lines[1]}" == clean*running*true*"before <b>it</b>" ]]
  [ "$(last_event)" = snapshot_taken ]
  run -2 "$berth" snapshot qa6 take clean
  [[ "$output" == *"already has a snapshot clean"* ]]
  virsh destroy qa6
  run -0 "$berth" snapshot qa6 revert clean --wait
  [ "$(virsh domstate qa6)" = running ]
  [ "$(server .state)" = running ]
  [ "$(last_event)" = reverted ]
  run -2 "$berth" snapshot qa6 revert dirty
  run -0 "$berth" snapshot qa6 delete clean --wait
  [ "$(server '.snapshots | length')" = 0 ]
  [ "$(last_event)" = snapshot_deleted ]
}

@test "a build goes back to a snapshot first, and history tells both" {
  run -0 "$berth" build qa6 --app shop --path trunk --database newest --wait
  run -0 "$berth" snapshot qa6 take built --wait
  run -0 "$berth" build qa6 --app shop --path branches/checkout-2 \
    --revert built --wait
  [ "$(call_api "servers/qa6/history?limit=2" |
    jq -r '[.lines[].event] | @csv')" = '"built","reverted"' ]
  job=$(server .last_job.id)
  [ "$(call_api "jobs/$job" | jq -r '.steps[0] |
    [.name, .state] | @csv')" = '"revert","done"' ]
  # What cannot be built does not throw the machine's state away.
  run -1 "$berth" build qa6 --app shop --path branches/nowhere \
    --revert built --wait
  [ "$(last_event)" = build_failed ]
  run -2 "$berth" build qa6 --app shop --path trunk --revert nothing
  [[ "$output" == *"qa6 has no snapshot nothing"* ]]
}

@test "a revert brings the configuration back, and says what it does not" {
  run -0 "$berth" snapshot qa6 revert built --wait
  [[ "$output" == *"shop trunk@"*"was not reverted"* ]]
  [ "$(server .configuration.path)" = trunk ]
  run -0 "$berth" snapshot qa6 delete built --wait
}

@test "a name on two hosts is built on by nobody, and both are named" {
  printf '[host.lab2]\nuri = "%s"\nservers = "qa6"\n' "$LIBVIRT_URI" \
    >"$LAB_DIR/etc/berth/conf.d/two.conf"
  reload
  wait_until 20 eval '[ "$(server .problem)" != null ]'
  said=$(server .problem)
  run -2 "$berth" power qa6 reset
  rm "$LAB_DIR/etc/berth/conf.d/two.conf"
  reload
  [[ "$said" == "qa6 is a domain on host lab1 and on host lab2: "* ]]
  [[ "$output" == *"on host lab1 and on host lab2"* ]]
  wait_until 20 eval '[ "$(server .fresh)" = true ]'
  [ "$(server .problem)" = null ]
}
