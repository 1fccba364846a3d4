# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The last line of a reply, and the exit status that goes with it. Every way
# out of the script goes through here, once.
#
# JSON is put together as text here, because each start of jq costs more than
# all else that a small verb does. Only what as_json has made may stand between
# quotation marks, unless a check has let nothing but plain characters through.

answered=
at_exit=:
# In the locale C, as all patterns here: printable ASCII without " and \.
kPlain='[]!#-[^-~ ]*'

# as_json VARIABLE TEXT: TEXT as a JSON string. What is not plain is left to jq,
# so that nobody has to trust our idea of escapes and UTF-8; never as root,
# because a name that somebody gave to a file is hostile.
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

# or_null VARIABLE TEXT: as as_json, but null for no text at all.
or_null() {
  if [[ $2 ]]; then as_json "$@"; else printf -v "$1" null; fi
}

# members OBJECT: those of {...}, with a comma in front, into $members.
members() {
  members=${1#'{'}
  members=${members%'}'}
  members=${members:+,$members}
}

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

# unsettled MESSAGE JOB: JOB is a folder's name and could be anything.
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

# unanswered: at EXIT; first $at_exit, which tidies. Without an answer the
# caller would have to guess. A child that is killed before bash has taken our
# traps from it comes here, too (the watch of a verb that is over at once, on a
# machine with much to do), and has nothing to say or to tidy.
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
