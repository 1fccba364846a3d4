#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh build|run|test ...: installs what is missing of those lists, as
# root or with sudo, after printing it. Nothing missing: nothing happens.
#
# No service is started: policy-rc.d forbids it until the end (one that the
# machine has is left alone). On a machine that serves somebody - libvirt runs
# guests, or a PostgreSQL or Apache service is up - it refuses without FORCE=1,
# because an upgrade of a shared library may restart what people use. The
# daemons of a lab do not count: they live in IPC namespaces of their own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
policy=/usr/sbin/policy-rc.d

die() { printf '%s\n' "install.sh: $*" >&2; exit 1; }

wanted() { # LIST: its packages, without those whose command is there
  local package unless command
  [ -f "$here/$1.txt" ] || die "there is no list $1.txt"
  while read -r package unless command; do
    case "$package" in ''|'#'*) continue ;; esac
    if [ "$unless" = unless ] && command -v "$command" >/dev/null; then
      continue
    fi
    printf '%s\n' "$package"
  done <"$here/$1.txt"
}

installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The machine's own daemons, one a line: "PID NAME". In a container process 1
# may be one that root is not let look at; then what is around us is the machine.
services() {
  local folder name machine
  machine=$(readlink /proc/1/ns/ipc || readlink /proc/self/ns/ipc)
  for folder in /proc/[0-9]*; do
    name=$(cat "$folder/comm" 2>/dev/null) || continue
    case "$name" in postgres|apache2|qemu-system-*|libvirt_lxc) ;; *)
      continue ;;
    esac
    if [ "$(readlink "$folder/ns/ipc" 2>/dev/null)" = "$machine" ]; then
      printf '%s %s\n' "${folder#/proc/}" "$name"
    fi
  done
  [ -d /run/systemd/system ] || return 0
  for name in apache2 'postgresql@*'; do
    systemctl list-units --plain --no-legend --state=active "$name.service"
  done | sed 's/ .*//; s/^/service /'
}

[ $# -gt 0 ] || die "usage: install.sh build|run|test ..."
packages=()
for list; do
  names=$(wanted "$list")
  for name in $names; do
    installed "$name" || packages+=("$name")
  done
done
if [ ${#packages[@]} = 0 ]; then
  printf '%s\n' "packages $*: all installed"
  exit 0
fi
printf '%s\n' "packages $*: installing ${packages[*]}"

[ -x /usr/bin/apt-get ] || die "no apt-get here; install these by hand"
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || die "needs root, and there is no sudo"
  exec sudo -- env FORCE="${FORCE:-}" "$here/install.sh" "$@"
fi
busy=$(services)
if [ -n "$busy" ] && [ -z "${FORCE:-}" ]; then
  printf '%s\n' "$busy" >&2
  die "this machine serves somebody (above). FORCE=1 installs all the same"
fi
# noclobber makes the test and the creation one step.
if (set -C; printf '#!/bin/sh\nexit 101\n' >"$policy") 2>/dev/null; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  chmod 0755 "$policy"
else
  printf '%s\n' "$policy is there already; it decides what starts"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "${packages[@]}"
