# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # used by what sources this
# What every script of the lab shares; sourced, never run.
#
# The lab is one folder, LAB_DIR, and one mount and IPC namespace that a
# process called the holder keeps open (keeper.sh starts it). A part's script
# (postgres.sh, guests.sh, ...) may be called from anywhere: enter_lab moves it
# into the namespace first. A process belongs to the lab exactly when its IPC
# namespace is the holder's, and that is how keeper.sh finds what to stop, so
# it does not matter who forked twice, changed its session or, as berth-guest's
# children do, made a mount namespace below the lab's. There is no pid
# namespace on purpose: the pids in demo.env, pid files and active/ are the
# ones that everybody else on the machine sees.
#
# With LAB_NET=1 (tests/lab-qemu) the lab has network namespaces, too: the
# holder's, and one for the parts that say lab_place=data.
set -euo pipefail

# Without a process where that is easy: the tests come through here all the time.
lab_source=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
top=${lab_source%/*/*}

# The lab's own users. On a guest `berth`, `shop` and the web user are others
# than on the console, as they would be on another machine.
lab_uid_berth=60801
lab_uid_repository=60802
lab_uid_guest_berth=60811
lab_uid_guest_shop=60812
lab_uid_guest_web=60813
lab_uid_guest_blog=60814
lab_uid_qemu=60821
lab_guests=${LAB_GUESTS-qa1 qa2 qa3 qa4 qa5 qa6}
lab_place=holder

say() { printf '%s\n' "lab: $*" >&2; }
die() { say "$*"; exit 1; }

need_root() {
  [ "$EUID" = 0 ] || die "the lab needs root: it gives each part its own uid"
}

need_programs() {
  local program missing=
  for program; do
    command -v "$program" >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] || die "missing:$missing (packages/install.sh run test)"
}

need_lab() {
  [ -n "${LAB_DIR:-}" ] || die "LAB_DIR is not set; start a lab with up.sh"
  [ -f "$LAB_DIR/run/holder.pid" ] || die "no lab runs in $LAB_DIR"
}

# enter_lab SCRIPT ARGUMENT...: goes on inside the lab's namespaces.
enter_lab() {
  need_root
  need_lab
  local holder net
  read -r holder <"$LAB_DIR/run/holder.pid"
  net=$holder
  [ ! -f "$LAB_DIR/run/$lab_place.pid" ] ||
    read -r net <"$LAB_DIR/run/$lab_place.pid"
  if [ "/proc/$holder/ns/ipc" -ef /proc/self/ns/ipc ] &&
    [ "/proc/$net/ns/net" -ef /proc/self/ns/net ]; then
    return 0
  fi
  exec nsenter --mount="/proc/$holder/ns/mnt" --ipc="/proc/$holder/ns/ipc" \
    --net="/proc/$net/ns/net" --wd="$LAB_DIR" -- "$@"
}

# set_lab NAME VALUE: a line of lab.env; lab_get NAME: its value.
set_lab() {
  printf '%s=%q\n' "$1" "$2" >>"$LAB_DIR/lab.env"
}

lab_get() {
  (
    # shellcheck disable=SC1091
    . "$LAB_DIR/lab.env"
    printf '%s\n' "${!1:?lab.env has no $1}"
  )
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local left=$(($1 * 100)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { say "$what did not come up"; return 1; }
    sleep 0.05
  done
}

# as USER COMMAND...: with that user's groups, home and nothing else.
as() {
  local user=$1 home
  shift
  home=$(getent passwd "$user")
  home=${home%:*} home=${home##*:}
  env -i PATH="$PATH" HOME="$home" USER="$user" LOGNAME="$user" LANG=C.UTF-8 \
    TMPDIR="$LAB_DIR/tmp" setpriv --reuid="$user" --regid="$user" \
    --init-groups --inh-caps=-all -- "$@"
}

# part_start NAME COMMAND...: a daemon that stays in the foreground. Its output
# goes to log/NAME.log and its pid to run/NAME.pid.
part_start() {
  local name=$1
  shift
  if part_runs "$name"; then die "$name runs already"; fi
  (
    cd "$LAB_DIR"
    exec setsid "$@" </dev/null >>"$LAB_DIR/log/$name.log" 2>&1 3>&- 4>&- 9>&-
  ) &
  printf '%s\n' "$!" >"$LAB_DIR/run/$name.pid"
  disown "$!"
}

part_pid() { cat "$LAB_DIR/run/$1.pid" 2>/dev/null; }

# A pid counts only while it is in the lab: after a crash it may be another's.
# A zombie has no namespace any more.
part_runs() {
  local pid
  pid=$(part_pid "$1") && [ -n "$pid" ] &&
    [ "$(readlink "/proc/$pid/ns/ipc" 2>/dev/null)" = \
      "$(readlink /proc/self/ns/ipc)" ]
}

# part_stop NAME [SIGNAL]: waits ten seconds, then KILL.
part_stop() {
  local pid left=200
  part_runs "$1" || { rm -f "$LAB_DIR/run/$1.pid"; return 0; }
  pid=$(part_pid "$1")
  kill -s "${2:-TERM}" "$pid" 2>/dev/null || true
  while part_runs "$1"; do
    left=$((left - 1))
    if [ "$left" = 0 ]; then kill -KILL "$pid" 2>/dev/null || true; fi
    [ "$left" -gt -40 ] || die "$1 (pid $pid) does not stop"
    sleep 0.05
  done
  rm -f "$LAB_DIR/run/$1.pid"
}

# part_main ARGUMENT...: the verbs that every part has, from the functions
# start and stop of its script.
part_main() {
  case "${1:-}" in
    start) start ;;
    stop) stop ;;
    restart) stop && start ;;
    *) die "usage: ${0##*/} start|stop|restart (with LAB_DIR set)" ;;
  esac
}
