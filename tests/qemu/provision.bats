#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A server made from an image and taken away again, on a real host: what is
# refused before anything is made, and that a cancel or a kill -9 of the worker
# in any step leaves nothing. The host is one that is far away: it is reached
# over ssh. Needs root, QEMU and the lab that walk.bats leaves (LAB_DIR), or
# starts one without guests and makes the server itself.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load ../lib/machines
load ../lib/wait

setup_file() {
  [ -z "$(no_guests)" ] || return 0
  if ! has_lab; then
    LAB_DIR=$(LAB_MACHINES='' "$guests/up.sh" --owner "$PPID")
    OWN_LAB=1
  fi
  export LAB_DIR OWN_LAB
  lab_env
  grep -q 'image.debian12' "$BERTH_CONFIG" || cat >>"$BERTH_CONFIG" <<'EOS'

[host.kvm1.image.debian12]
volume = "debian12.qcow2"
type = "qemu"
memory = "512M"
disk = "5G"
EOS
  grep -q 'image.gone' "$BERTH_CONFIG" || cat >>"$BERTH_CONFIG" <<'EOS'

[host.kvm1.image.gone]
volume = "gone.qcow2"

[host.kvm1.image.full]
volume = "debian12.qcow2"
room = "900T"

[host.kvm1.image.adrift]
volume = "debian12.qcow2"
network = "nowhere"
EOS
  sed -i 's|"qemu:///system"|"qemu+ssh://root@127.0.0.1:2222/system"|' \
    "$BERTH_CONFIG"
  # libvirt asks QEMU what it can at the first definition, for up to a minute; a
  # definition that its caller's death leaves under way is another story.
  virsh domcapabilities --virttype qemu >/dev/null
  times=$(times_read)
  kill -HUP "$(cat "$LAB_DIR/run/berthd.pid")"
  # Both sides have read it, and the host has been seen.
  wait_until 300 knows_the_host
}
times_read() {
  grep -c "configuration reloaded" "$LAB_DIR/log/berthd.log" || true
}
knows_the_host() {
  [ "$(times_read)" -gt "$times" ] &&
    as_admin provision web1 --host kvm1 --image adrift 2>&1 |
    grep -q 'no glob' &&
    as_admin servers >/dev/null &&
    sed 1d "$STATE_DIR/hosts.json" | jq -e '.hosts[0] |
      .fresh and (.uri | startswith("qemu+ssh:"))' >/dev/null
}

teardown_file() {
  [ -z "${OWN_LAB:-}" ] || "$LAB/down.sh" "$LAB_DIR"
}

setup() { need_guests; }

as_admin() {
  BERTH_USER=$BERTH_ADMIN BERTH_PASSWORD=$BERTH_ADMIN_PASSWORD berth "$@"
}

# provision SERVER [IMAGE]: its job's number in $job.
provision() {
  run -0 as_admin provision "$1" --host kvm1 --image "${2:-debian12}"
  job=$(sed -n 's/^job \([0-9]*\) .*/\1/p' <<<"$output")
  [ -n "$job" ]
}

has_begun() { grep -qs "\"step\":\"$2\",\"event\":\"start\"" \
  "$SPOOL_DIR/active/$1.steps"; }

# qa9, which walk.bats has made where it ran before.
need_server() {
  ! virsh list --name | grep -qx qa9 || return 0
  provision qa9
  wait_until 1800 job_has_ended "$job"
  [ "$(job_state "$job")" = succeeded ] || { as_admin log "$job"; return 1; }
}

# nothing_of SERVER: neither here nor on the host.
nothing_of() {
  virsh list --all --name | grep -qx "$1" && return 1
  virsh pool-refresh default
  virsh vol-list default | grep -q -- "-$1-" && return 1
  [ ! -e "$LAB_DIR/var/lib/berth/known_hosts/$1" ] || return 1
  ! compgen -G "$LAB_DIR/run/berth/*.seed" >/dev/null
}

@test "what cannot be made is refused, and nothing is made" {
  run -2 as_admin provision web1 --host kvm1 --image debian12
  [[ "$output" == *"no glob in"* ]]
  run -2 as_admin provision qa8 --host kvm1 --image fedora
  [[ "$output" == *"no image fedora"* ]]
  local image words
  while IFS='|' read -r image words; do
    provision qa8 "$image"
    wait_until 300 job_has_ended "$job"
    [ "$(job_state "$job")" = failed ]
    run -0 as_admin job "$job"
    [[ "$output" == *"$words"* ]] || { echo "$output"; false; }
    nothing_of qa8
  done <<'EOS'
gone|has no volume gone.qcow2
full|free, but `room` requires
adrift|nowhere
EOS
}

@test "the host is reached over ssh, and its servers are seen" {
  sed 1d "$STATE_DIR/hosts.json" |
    jq -e '.hosts[0] | .uri == "qemu+ssh://root@127.0.0.1:2222/system" and
      .fresh'
  grep -q "Accepted publickey for root" "$LAB_DIR/log/host_ssh.log"
}

@test "a worker killed in any step leaves nothing when its job is over" {
  local step pid
  for step in check disk seed define start enrol; do
    provision qa8
    wait_until 400 has_begun "$job" "$step" ||
      { as_admin job "$job"; as_admin log "$job"; false; }
    pid=$(jq .started.pid "$SPOOL_DIR/active/$job.json")
    kill -KILL "$pid"
    # berthd starts another, which clears up and puts the job back.
    wait_until 400 in_lab grep -q "requeued" "$LOG_DIR/$job.log"
    as_admin cancel "$job" || true
    wait_until 500 job_has_ended "$job"
    [ "$(job_state "$job")" = cancelled ] || { as_admin log "$job"; false; }
    nothing_of qa8 || { as_admin log "$job"; virsh list --all; false; }
  done
}

@test "a cancel while it boots leaves nothing" {
  provision qa8
  wait_until 400 has_begun "$job" enrol
  virsh list --name | grep -qx qa8
  run -0 as_admin cancel "$job"
  wait_until 400 job_has_ended "$job"
  [ "$(job_state "$job")" = cancelled ]
  nothing_of qa8
}

@test "a name that is a server's already is refused" {
  need_server
  run -2 as_admin provision qa9 --host kvm1 --image debian12
  [[ "$output" == *"is already a server of host kvm1"* ]]
}

@test "retire shows what would go, and takes it away" {
  need_server
  run -1 in_lab berthctl retire qa9 </dev/null
  [[ "$output" == *"removed: domain qa9 on host kvm1, running"* ]]
  [[ "$output" == *"removed: volume berth-"*"-qa9-"*".qcow2"* ]]
  uuid=$(sed -n 's/.*--yes-UUID \([0-9a-f-]*\).*/\1/p' <<<"$output")
  virsh list --name | grep -qx qa9
  run -0 in_lab berthctl retire qa9 --yes-UUID "$uuid"
  nothing_of qa9
  virsh vol-list default | grep -q debian12.qcow2
  run -0 as_admin history qa9
  [[ "$output" == *retired* ]]
}
