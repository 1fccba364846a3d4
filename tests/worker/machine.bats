#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Power and snapshots by berth-worker alone, on the lab's libvirtd: what a
# worker leaves that dies at any instant, and hosts that hang. The domains are
# qa1 to qa6 of libvirt's test driver, their ssh is that of the lab's guests.
bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/wait

setup_file() {
  worker_start libvirt,guests
  in_lab -u berth mkdir -p "$STATE_DIR/hosts"
  (in_lab -u berth berth-watch lab1 >"$BATS_FILE_TMPDIR/watch" 2>&1 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/watch.pid")
  wait_until 10 [ -s "$STATE_DIR/hosts/lab1.json" ]
}
teardown_file() {
  kill "$(cat "$BATS_FILE_TMPDIR/watch.pid")" || true
  worker_stop
}
setup() { lab_env; }
teardown() {
  [ -z "${stopped:-}" ] || kill -CONT "$stopped"
  rm -f "$SPOOL_DIR/active/"*
}

power_job() { put_job power "$1" "" "{\"action\": \"$2\"}" "${3:-}"; }
snapshot_job() { # SERVER ACTION NAME
  put_job snapshot "$1" "" "{\"action\": \"$2\", \"name\": \"$3\"}"
}
# told: the steps that a worker left which died right after it had told the
# host.
told() { # STEP
  printf '%s\n' "{\"version\":1,\"job\":$N}" \
    "{\"seq\":1,\"at\":\"2026-11-22T20:00:01.000Z\",\"step\":\"$1\",\"event\":\"start\",\"message\":null}" \
    "{\"seq\":2,\"at\":\"2026-11-22T20:00:01.100Z\",\"step\":\"$1\",\"event\":\"progress\",\"message\":null,\"note\":{\"told\":true}}" \
    >"$STEPS"
  chown "$(in_lab id -u berth)" "$STEPS"
}
impatient() { # SECONDS: for a step on the host
  sed -i "/^\[host.lab1\]/a deadline = { power = \"$1s\" }" \
    "$LAB_DIR/etc/berth/berth.conf"
}
patient() { sed -i '/^deadline = { power/d' "$LAB_DIR/etc/berth/berth.conf"; }

# ssh's words have become ours by then; it waited for them until its time was
# over, five minutes.
@test "a guest that refuses berth's key is not waited for" {
  keys=$LAB_DIR/guests/qa2/home/berth/.ssh/authorized_keys
  mv "$keys" "$keys.away"
  power_job qa2 reboot
  work
  mv "$keys.away" "$keys"
  [[ "$(result detail)" == *"it does not accept berth's key; run "* ]]
  [[ "$(result detail)" != *'timed out'* ]]
  end_job
}

@test "each action ends in the state it names, and again when it is so" {
  for action in shutdown shutdown start start reboot reset; do
    power_job qa2 "$action"
    work
    succeeded
    case $action in
      shutdown) [ "$(virsh domstate qa2)" = "shut off" ] ;;
      *) [ "$(virsh domstate qa2)" = running ] ;;
    esac
    end_job
  done
  # It ends when ssh answers, where Berth has the server's host key.
  power_job qa2 reboot
  work
  grep -q 'answer done: it is reachable over ssh' "$LOG_DIR/$N.log"
}

@test "what is off cannot be rebooted, and says what to do" {
  virsh destroy qa2
  power_job qa2 reboot
  work
  [ "$(outcome)" = failed ]
  [ "$(result detail)" = "reboot qa2: it is shut off; start it first" ]
  virsh start qa2
}

@test "an order that was given is not given again, and the state decides" {
  for action in reboot reset; do
    power_job qa2 "$action"
    told power
    before=$(in_lab cat "$LAB_DIR/log/libvirt-events.log" | wc -l)
    work
    succeeded
    [ "$before" = "$(in_lab cat "$LAB_DIR/log/libvirt-events.log" | wc -l)" ]
    end_job
  done
  # It was told to reboot and stayed off.
  virsh destroy qa2
  power_job qa2 reboot
  told power
  work
  succeeded
  [ "$(virsh domstate qa2)" = running ]
}

@test "a worker killed at any moment of a shutdown leaves one that is off" {
  for delay in 0 5 10 20 30 40 60 80; do
    power_job qa2 shutdown
    run drive power kill "$delay"
    [ "$(outcome)" = succeeded ] || work
    succeeded
    [ "$(virsh domstate qa2)" = "shut off" ]
    end_job
    virsh start qa2
  done
}

@test "a snapshot is taken, gone back to and deleted once, killed at any moment" {
  for delay in 0 5 10 20 30 40 50 60 80; do
    for action in take revert delete; do
      snapshot_job qa3 "$action" "at-$delay"
      run drive snapshot kill "$delay"
      [ "$(outcome)" = succeeded ] || work
      succeeded
      case $action in
        delete) [ "$(virsh snapshot-list qa3 --name)" = "" ] ;;
        *) [ "$(virsh snapshot-list qa3 --name)" = "at-$delay" ] ;;
      esac
      end_job
    done
  done
}

@test "one that is there, or is not, is refused by name" {
  snapshot_job qa3 take here
  work
  end_job
  snapshot_job qa3 take here
  work
  [ "$(outcome)" = failed ]
  [ "$(result detail)" = \
    "take snapshot here of qa3: a snapshot of that name exists" ]
  end_job
  snapshot_job qa3 revert gone
  work
  [ "$(result detail)" = \
    "revert snapshot gone of qa3: there is no snapshot of that name" ]
  virsh snapshot-delete qa3 here
}

@test "a disk that holds no snapshots is named" {
  virsh dumpxml qa4 --inactive >"$BATS_TEST_TMPDIR/qa4.xml"
  sed "s|<devices>|<devices><disk type='file' device='disk'>\
<driver name='qemu' type='raw'/><source file='/srv/qa4.img'/>\
<target dev='vda' bus='virtio'/></disk>|" "$BATS_TEST_TMPDIR/qa4.xml" \
    >"$LAB_DIR/tmp/raw.xml"
  virsh define "$LAB_DIR/tmp/raw.xml"
  virsh destroy qa4
  virsh start qa4
  snapshot_job qa4 take a
  work
  [ "$(outcome)" = failed ]
  [ "$(result detail)" = "take snapshot a of qa4: its disk vda is raw, which \
cannot hold snapshots; convert it to qcow2 (qemu-img convert)" ]
}

@test "what a revert leaves is what history says of the snapshot's moment" {
  cat >"$HISTORY_DIR/qa5.jsonl" <<'EOS'
{"version":1,"server":"qa5"}
{"seq":1,"at":"2026-11-22T20:00:00Z","event":"built","user":"alice","detail":"","cause":{"job":900001},"hold":null,"configuration":{"application":"shop","path":"trunk","revision":"34","kind":"svn","slot":"a","database":{"cluster":"db1","name":"shop_qa5","oid":17001,"generation":"20261122024100","data_at":null},"templates":"","user":"alice","note":"","job":900001,"built_at":"2026-11-22T20:00:00Z","verified":true,"url":""},"job":null}
EOS
  put_job snapshot qa5 "" '{"action": "take", "name": "built", "seq": 1}'
  work
  succeeded
  end_job
  sed -n 2p "$HISTORY_DIR/qa5.jsonl" | jq -c '.seq = 2 | .cause.job = 900002 |
    .configuration.job = 900002 | .configuration.path = "branches/b" |
    .configuration.slot = "b" | .configuration.database.oid = 17002 |
    .configuration.database.generation = "20261123024100"' \
    >>"$HISTORY_DIR/qa5.jsonl"
  snapshot_job qa5 revert built
  work
  succeeded
  # The slot of then, the database of now; and it says so.
  [ "$(result reverted.configuration | jq -c '[.job, .path, .slot,
    .database.oid]')" = '[900001,"trunk","a",17002]' ]
  [[ "$(result detail)" == "reverted to snapshot built of "*": shop trunk@34 of job 900001; database shop_qa5 was not reverted and is unchanged, data 20261123024100" ]]
  virsh snapshot-delete qa5 built
}

@test "of a snapshot that Berth did not take nobody knows what it carries" {
  virsh snapshot-create-as qa5 by-hand
  snapshot_job qa5 revert by-hand
  work
  succeeded
  [ "$(result reverted.configuration)" = null ]
  [[ "$(result detail)" == *"did not take: its configuration is unknown" ]]
  virsh snapshot-delete qa5 by-hand
}

@test "a host that hangs ends a job at its deadline, and a cancel at once" {
  impatient 3
  stopped=$(in_lab cat "$LAB_DIR/libvirt/libvirtd.pid")
  kill -STOP "$stopped"
  power_job qa2 reset
  from=$(date +%s)
  work
  [ "$(outcome)" = failed ]
  [[ "$(result detail)" == "reach host lab1 ("*"): no answer within 3 s; nothing was changed" ]]
  [ $(($(date +%s) - from)) -le 10 ]
  end_job
  patient
  power_job qa2 reset
  from=$(date +%s)
  run drive power cancel 500
  [ "$(outcome)" = cancelled ]
  [ $(($(date +%s) - from)) -le 10 ]
  # No process of it hangs on.
  run pgrep -f "berth-hypervisor --config $LAB_DIR/"
  [ -z "$output" ]
}

@test "a name on two hosts is refused, and both are named" {
  printf '[host.lab2]\nuri = "%s"\nservers = "qa*"\n' "$LIBVIRT_URI" \
    >"$LAB_DIR/etc/berth/conf.d/two.conf"
  run -124 in_lab -u berth timeout 1 berth-watch lab2
  power_job qa2 reset
  work
  rm "$LAB_DIR/etc/berth/conf.d/two.conf" "$STATE_DIR/hosts/lab2.json"
  [ "$(outcome)" = failed ]
  [ "$(result detail)" = "find qa2: it is a domain on lab1 and on lab2; \
rename one, or give it an alias" ]
}
