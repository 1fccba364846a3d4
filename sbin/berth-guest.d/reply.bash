# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The last line of a reply, and the exit status that goes with it. Every way
# out of the script goes through here, once.

answered=
at_exit=:

# reply STATUS OBJECT: prints the last line and exits.
reply() {
  answered=1
  # Whoever holds stdout open keeps sshd waiting.
  [[ ${watch-} ]] && kill "$watch" 2>/dev/null
  printf '%s\n' "$2"
  exit "$1"
}

# complain STATUS MESSAGE [OBJECT]: OBJECT's members join the line.
complain() {
  local line extra=${3:-}
  line=$(jq -cn --arg error "$2" --argjson extra "${extra:-{\}}" \
    '{ok: false, error: $error} + $extra') ||
    line='{"ok":false,"error":"failed, and jq, which prints errors, failed"}'
  reply "$1" "$line"
}

# done_with [OBJECT]: success.
done_with() {
  local line
  line=$(jq -cn --argjson extra "${1:-{\}}" '{ok: true} + $extra') ||
    complain 20 'jq failed'
  reply 0 "$line"
}

refuse() {
  local extra=${2:-}
  complain 10 "$1" \
    "$(jq -cn --argjson extra "${extra:-{\}}" '{refused: true} + $extra')"
}

fail() { complain 20 "$@"; }

unsettled() { complain 21 "$1" "{\"job\":$2}"; }

log() { jq -cn --arg text "$1" '{log: $text}'; }

# unanswered: at EXIT; first $at_exit, which tidies. Without an answer the
# caller would have to guess.
unanswered() {
  local status=$?
  $at_exit
  [[ $answered ]] && exit "$status"
  case $verb in
    switch | settle) unsettled "$verb ended early (status $status)" "$job" ;;
    *) fail "$verb ended early (status $status)" ;;
  esac
}
