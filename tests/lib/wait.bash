# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Waiting for what is to become true.

# wait_until SECONDS COMMAND...: until the command succeeds. Five times as long as
# it says, because machines differ that much, and more.
wait_until() {
  local end=$((SECONDS + 5 * $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# is_gone PID: it has ended; nobody need have waited for it.
is_gone() {
  ! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status"
}
