# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Guests that are virtual machines: a lab of tests/lab-qemu, or the one in
# LAB_DIR; curl, virsh and berth speak from inside it.
. "${BASH_SOURCE[0]%/*}/build.bash"

guests=$top/tests/lab-qemu
# An emulated processor is ten to thirty times as slow.
PATIENCE=4

# no_guests: why there can be none here; nothing when there can. What is not
# installed is no such reason: it fails. `make check` has one clock for all that
# it runs: CHECK_UNTIL, in seconds since 1970, and CHECK_CLOCK, what to say then.
no_guests() {
  [ "$(id -u)" = 0 ] || echo "needs root: guests have a network of their own"
  [ -c /dev/net/tun ] || echo "no /dev/net/tun here, for a guest's network card"
  if [ "$EPOCHSECONDS" -ge "${CHECK_UNTIL:-$((EPOCHSECONDS + 1))}" ]; then
    echo "$CHECK_CLOCK"
  fi
}

# guest_lab NAME...: a lab of this file's own where LAB_DIR names none; in it
# these guests, which answer. For setup_file.
guest_lab() {
  local name
  [ -z "$(no_guests)" ] || return 0
  if ! has_lab; then
    LAB_DIR=$(LAB_MACHINES="$*" "$guests/up.sh" --owner "$PPID")
    OWN_LAB=1
    for name in shop shopgit; do
      LAB_DIR=$LAB_DIR "$LAB/in.sh" \
        berthctl publish "$name" "${name}_base"
    done
  fi
  export LAB_DIR OWN_LAB
  for name; do
    LAB_DIR=$LAB_DIR "$LAB/in.sh" virsh -q -c qemu:///system \
      domid "$name" >/dev/null 2>&1 || "$guests/machines.sh" add "$name"
  done
  "$guests/booted.sh" wait "$@"
}
guest_lab_ends() {
  [ -z "${OWN_LAB:-}" ] || "$LAB/down.sh" "$LAB_DIR"
}

# In setup.
need_guests() {
  local why
  why=$(no_guests | head -n 1)
  [ -z "$why" ] || skip "$why"
  has_lab || fail "there is no lab" || return 1
  lab_env
}

curl() { in_lab curl "$@"; }
berth() { in_lab env PATH="$LAB_DIR/usr/bin:$PATH" berth "$@"; }

# The guest's plug in the bridge; out of it nothing comes or goes, but the
# guest sees no change, as when a switch far away has failed.
plug() { virsh domiflist "$1" | awk '{ print $1 }'; }
cut_network() { in_lab ip link set "$(plug "$1")" nomaster; }
mend_network() { in_lab ip link set "$(plug "$1")" master virbr0; }

# cut_for_long SERVER PATH STEP: the network of a build, in that step, until its
# worker has given up. What the server carries has to have had fresh data. Sets
# STATE.
cut_for_long() {
  local before end
  before=$(call_api "servers/$1" | jq -cS .configuration)
  build "$1" "$2" newest
  wait_step "$JOB" "$3"
  cut_network "$1"
  # It has ended, or another worker is to try again.
  end=$((SECONDS + 60 * PATIENCE))
  until [ -z "$(worker_of "$JOB")" ]; do
    [ "$SECONDS" -lt "$end" ] || fail "the worker does not notice" || return 1
    sleep 0.2
  done
  mend_network "$1"
  wait_end "$JOB" || return 1
  echo "cut in $3: $STATE: $(call_api "jobs/$JOB" | jq -r .detail)"
  check_whole "$1" "$JOB" || return 1
  [ "$STATE" = succeeded ] || [ "$before" = \
    "$(call_api "servers/$1" | jq -cS .configuration)" ] ||
    fail "it failed and changed $1"
}

# wait_state SERVER STATE: until the console shows it.
wait_state() {
  local end=$((SECONDS + 300 * PATIENCE))
  until [ "$(call_api "servers/$1" | jq -r .state)" = "$2" ]; do
    [ "$SECONDS" -lt "$end" ] || fail "$1 is not shown as $2" || return 1
    sleep 0.2
  done
}

# tells_edits SERVER: what `berth check` says before an edit and after it.
tells_edits() {
  local file
  run -0 berth check "$1"
  [[ "$output" == *" is unchanged since job "* ]] || fail "$output" || return 1
  file=$(on "$1" "ls /srv/shop*/current/manage.py")
  on "$1" "cp -p $file /root/manage.py; echo '# x' >>$file
    echo '# x' >>/etc/shop/settings.py"
  run -0 berth check "$1"
  [[ "$output" == *"/etc/shop/settings.py changed, 1 edits in the \
checkout (manage.py)" ]] || fail "$output" || return 1
  jq -e '.drift.edits == 1' <<<"$(call_api "servers/$1")" ||
    return 1
  on "$1" "cp -p /root/manage.py $file; sed -i '\$d' /etc/shop/settings.py"
}

# must STATE: how the last job has to have ended.
must() {
  wait_end "$JOB" || return 1
  [ "$STATE" = "$1" ] || {
    echo "job $JOB $STATE, not $1:"
    cat "$LOG_DIR/$JOB.log"
    return 1
  }
}
