# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A spool of its own for faults in berthd alone: one libvirt test host whose
# domain is the server qa1; the application site, and shop with its cluster where
# a test asks for them; no guest.

top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
. "$top/tests/lib/wait.bash"
. "$top/tests/lib/config.bash"
. "$top/tests/lib/state.bash"
berthd=$top/build/bin/berthd
# Every call by which berthd changes a file or directory or makes something
# durable. strace counts each of them on its own.
calls="write renameat renameat2 fsync unlinkat ftruncate"

need_strace() {
  [ -x "$berthd" ] || skip "build/bin/berthd is not built"
  command -v strace >/dev/null || skip "strace is not installed"
  strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
}

# Drops must come from somebody who is not root: root is always an admin.
web_user() { if [ "$(id -u)" = 0 ]; then echo www-data; else id -un; fi; }

# A kill loses nothing that was written, so memory does as well as a disk, and
# its fsyncs cost nothing.
work_folder() {
  local memory=/dev/shm
  [ -w "$memory" ] || memory=${TMPDIR:-/tmp}
  mktemp -d "$memory/berth-fault.XXXXXX"
}

# new_tree FOLDER [ARGUMENT OF config...]: without cluster and shop, if nothing
# else is said.
new_tree() {
  tree=$1
  shift
  [ $# -gt 0 ] || set -- -cluster.db1 -application.shop
  rm -rf "$tree"
  mkdir -p "$tree"/etc "$tree"/spool/{drop,drop-root,receipts,queue,active,bad,lock} \
    "$tree"/lib/history/applications "$tree"/lib/state/hosts "$tree"/log/berth \
    "$tree"/run
  config http://localhost/berth console "web_user = \"$(web_user)\"
disk_floor = \"1M\"" host.kvm1 'aliases = { "test" = "qa1" }' "$@" \
    >"$tree/etc/berth.conf"
  # What a watcher would have published; berthd --once believes it.
  state hosts/kvm1.json '{"version":1,"host":"kvm1","uri":"test:///default",
    "connected":true,"reason":null,"as_of":"2026-01-01T00:00:00Z",
    "domains":[{"name":"test","server":"qa1","state":"running",
    "uuid":"6695eb01-f6a4-8304-79aa-97f2502e193f","addresses":[],
    "vcpus":1,"memory":1}]}'
}

token() { printf '%032x' "$1"; }

# drop NUMBER USER ACTION TARGET ARGUMENTS
drop() {
  local name
  name=$(token "$1")
  printf '{"version":1,"token":"%s","user":"%s","action":"%s",' \
    "$name" "$2" "$3" >"$tree/spool/drop/.$name"
  printf '"target":"%s","arguments":%s,"at":"%s","end":true}\n' "$4" "$5" \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >>"$tree/spool/drop/.$name"
  if [ "$(id -u)" = 0 ]; then chown www-data "$tree/spool/drop/.$name"; fi
  mv "$tree/spool/drop/.$name" "$tree/spool/drop/$name.json"
}

# roots_drop NUMBER ACTION TARGET ARGUMENTS: as berthctl writes it.
roots_drop() {
  local name
  name=$(token "$1")
  printf '{"version":1,"token":"%s","user":"root","action":"%s",%s' \
    "$name" "$2" "\"target\":\"$3\",\"arguments\":$4,\"at\":\"$(
      date -u +%Y-%m-%dT%H:%M:%SZ)\",\"end\":true}" \
    >"$tree/spool/drop-root/$name.json"
}

once() { "$berthd" --config "$tree/etc/berth.conf" --once; }

# killed_once CALL N: the N-th such call is its last; fails when it got
# through without.
killed_once() {
  # In a shell of its own, which says "Killed" to nobody.
  { (
    strace -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" \
      "$berthd" --config "$tree/etc/berth.conf" --once
    exit $?
  ); } 2>>"$tree/killed.err"
  [ $? -eq 137 ]
}

# failed_once CALL N ERROR: the N-th such call fails with ERROR.
failed_once() {
  strace -o "$tree/trace" -e trace="$1" -e inject="$1:error=$3:when=$2" \
    "$berthd" --config "$tree/etc/berth.conf" --once 2>>"$tree/failed.err"
  grep -q INJECTED "$tree/trace"
}

# How many history lines of qa1 carry event $1.
lines_of() {
  [ -f "$tree/lib/history/qa1.jsonl" ] || { echo 0; return; }
  grep -c "\"event\":\"$1\"" "$tree/lib/history/qa1.jsonl"
}

# The hold that stands: its user, or "free".
holder() {
  local last
  last=$(tail -n 1 "$tree/lib/history/qa1.jsonl" 2>/dev/null)
  last=${last#*\"hold\":}
  case $last in
    '{"user":"'*)
      last=${last#*:\"}
      echo "${last%%\"*}"
      ;;
    *) echo free ;;
  esac
}

status_of() {
  sed -n 's/.*"status":\([0-9]*\).*/\1/p' \
    "$tree/spool/receipts/$(token "$1").json"
}

jobs_in() { find "$tree/spool/$1" -name '*.json' | wc -l; }

# Nothing half-done is left: no drop, no unfinished file but in state/.
is_clean() {
  [ -z "$(ls -A "$tree/spool/drop" "$tree/spool/drop-root" | grep json)" ] &&
    [ -z "$(find "$tree/spool" "$tree/lib/history" -name '.*' -type f)" ] &&
    [ -z "$(find "$tree/lib" -maxdepth 1 -name '.*' -type f)" ]
}

# --- berthd running, with the stand-in for berth-worker -------------------

# A folder with berthd, the real watcher and the stand-in: berthd looks for
# its programs beside itself.
add_programs() {
  mkdir "$tree/bin"
  ln -s "$top/build/bin/berth-watch" "$tree/bin/berth-watch"
  cp "$berthd" "$tree/bin/berthd"
  cp "$top/tests/runner/stand-in-worker" "$tree/bin/berth-worker"
}

need_watch() {
  [ -x "$top/build/bin/berth-watch" ] || skip "berth-watch is not built"
}

# start_berthd [COMMAND...]: berthd, under COMMAND when one is given.
start_berthd() {
  "$@" "$tree/bin/berthd" --config "$tree/etc/berth.conf" \
    2>>"$tree/berthd.err" 3>&- &
  started=$!
}

pid_of_berthd() { cat "$tree/spool/lock/berthd"; }

stop_berthd() {
  [ -n "${started:-}" ] || return 0
  kill -TERM "$(pid_of_berthd)" 2>/dev/null
  wait_until 70 is_gone "$started" || kill -KILL "$started" 2>/dev/null
  wait "$started" 2>/dev/null
  started=
}

says() { grep -q "$1" "$tree/berthd.err"; }
has_line() { [ "$(lines_of "$1")" -ge 1 ]; }
state_says() { grep -q "$2" "$tree/lib/state/$1" 2>/dev/null; }
