# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The last line of a reply, and its exit status. Every way out of the script
# passes here, once.
#
# JSON is composed as text, because each start of jq costs more than all else
# that a small verb does. Only the output of as_json may be between quotation
# marks, unless a check has allowed only plain characters.

answered=
at_exit=:
# In the locale C, like all patterns here: printable ASCII without " and \.
kPlain='[]!#-[^-~ ]*'

# as_json VARIABLE TEXT: TEXT as a JSON string. Text that is not plain is left
# to jq, so that escapes and UTF-8 need no code of ours; never as root, because
# a file's name is untrusted.
as_json() {
  local LC_ALL=C json_text
  if [[ $2 =~ ^$kPlain$ ]]; then
    json_text="\"$2\""
  else
    # shellcheck disable=SC2016 # jq's
    json_text=$(
      ((EUID != 0)) || ! declare -F as_filter >/dev/null ||
        as_filter jq -cn --arg text "$2" '$text'
      jq -cn --arg text "$2" '$text'
    ) || return
  fi
  printf -v "$1" %s "$json_text"
}

# or_null VARIABLE TEXT: as as_json, but null for an empty text.
or_null() {
  if [[ $2 ]]; then as_json "$@"; else printf -v "$1" null; fi
}

# members OBJECT: sets $members to those of {...}, with a leading comma.
members() {
  members=${1#'{'}
  members=${members%'}'}
  members=${members:+,$members}
}

# reply STATUS OBJECT: prints the last line and exits.
reply() {
  answered=1
  # A process that keeps stdout open makes sshd wait.
  [[ ${watch-} ]] && kill "$watch" 2>/dev/null
  printf '%s\n' "$2"
  exit "$1"
}

# complain STATUS MESSAGE [OBJECT]: OBJECT's members are added to the line.
complain() {
  local error members
  as_json error "$2" || error='"failed, and jq, which prints errors, failed"'
  members "${3-}"
  reply "$1" "{\"ok\":false,\"error\":$error$members}"
}

# done_with [OBJECT]: success.
done_with() {
  local members
  members "${1-}"
  reply 0 "{\"ok\":true$members}"
}

refuse() {
  local members
  members "${2-}"
  complain 10 "$1" "{\"refused\":true$members}"
}

fail() { complain 20 "$@"; }

# unsettled MESSAGE JOB: JOB is the name of a folder and could be anything.
unsettled() {
  if [[ $2 =~ ^[1-9][0-9]{0,14}$ ]]; then
    complain 21 "$1" "{\"job\":$2}"
  else
    complain 21 "$1"
  fi
}

log() {
  local text
  as_json text "$1" && printf '{"log":%s}\n' "$text"
}

# unanswered: at EXIT; runs $at_exit, which cleans up, and then makes sure that
# there is a reply, without which the caller would have to guess. A child that
# is killed before bash has removed our traps from it arrives here as well (the
# watch of a verb that ends at once, on a busy machine), and must do nothing.
unanswered() {
  local status=$?
  [[ $BASHPID == "$$" ]] || exit "$status"
  $at_exit
  [[ $answered ]] && exit "$status"
  case $verb in
    switch | undo | settle)
      unsettled "$verb ended early (status $status)" "$job" ;;
    *) fail "$verb ended early (status $status)" ;;
  esac
}
