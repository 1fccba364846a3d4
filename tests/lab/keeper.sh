#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# keeper.sh DIR OWNER: keeps a lab and takes it away again.
#
# Started by up.sh in a session of its own, outside the lab's namespaces, so
# that neither Ctrl-C nor the death of the demo stops it. It starts the holder,
# then waits until it is told to stop (TERM, from down.sh) or the process OWNER
# has gone (0: nobody owns the lab). Then it kills whatever lives in the lab's
# IPC namespace and removes DIR and, when it is this lab's, demo.env.
#
# KILL at once, and no orderly stop: everything the lab wrote is about to be
# deleted, and the SysV and POSIX shared memory that a killed PostgreSQL or
# Apache leaves goes with the IPC namespace and the private /dev/shm.
. "${0%/*}/common.sh"
need_root
LAB_DIR=$1
owner=$2
namespace=

# Sets started: when process $1 began, empty when there is none (or 0 given).
# Asked three times a second for as long as a lab lives, so without a process;
# the same goes for blink.
start_time() {
  local line='' fields
  started=
  [ "$1" != 0 ] || return 0
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
  read -r -a fields <<<"${line##*) }"
  started=${fields[19]:-}
}

# A pipe that never says anything. A TERM meanwhile is heard at its end.
exec {silent_pipe}<> <(:)
blink() { read -r -t 0.3 -u "$silent_pipe" _ || true; }

# One process, and not one for each that is looked at: a machine has hundreds.
inhabitants() {
  { find /proc/[0-9]*/ns/ipc -maxdepth 0 -lname "${namespace/[/\\[}" \
    2>/dev/null || true; } | cut -d/ -f3
}

kill_all() {
  local pids rounds=0
  while pids=$(inhabitants) && [ -n "$pids" ]; do
    # shellcheck disable=SC2086 # a list of numbers
    kill -KILL $pids 2>/dev/null || true
    rounds=$((rounds + 1))
    [ "$rounds" -lt 200 ] || { say "cannot stop: $pids"; return; }
    sleep 0.05
  done
}

# However the keeper ends: also after an error in this script.
finish() {
  set +e
  if [ -n "$namespace" ]; then kill_all; fi
  exec 8<&-
  # Guests have /usr bound into them, so never delete through a mount. None
  # can be seen from here, but a mistake would cost the machine: look.
  if grep -qF " $LAB_DIR" /proc/self/mountinfo; then
    die "$LAB_DIR still has mounts; left as it is"
  fi
  if grep -qxF "LAB_DIR=$LAB_DIR" "$top/demo.env" 2>/dev/null; then
    rm -f "$top/demo.env"
  fi
  rm -rf --one-file-system --preserve-root=all -- "$LAB_DIR"
}

stopping=
trap 'stopping=1' TERM
trap '' INT HUP
trap finish EXIT
start_time "$owner"
born=$started

unshare --mount --ipc ${LAB_NET:+--net} --propagation private -- \
  "$lab_source/holder.sh" &
holder=$!
wait_for 10 "the lab's namespace" test -f "$LAB_DIR/run/holder.pid"
namespace=$(readlink "/proc/$holder/ns/ipc")
if [ "$namespace" = "$(readlink /proc/self/ns/ipc)" ]; then
  namespace=
  die "unshare gave the lab no namespace of its own"
fi
# Held open, so that the number cannot be given to another namespace.
exec 8<"/proc/$holder/ns/ipc"

while [ -z "$stopping" ] && kill -0 "$holder" 2>/dev/null; do
  start_time "$owner"
  # Empty: an owner that had gone before we looked for the first time.
  if [ "$owner" != 0 ] && [ "${started:-none}" != "$born" ]; then break; fi
  blink
done
