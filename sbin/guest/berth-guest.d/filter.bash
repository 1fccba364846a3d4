# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# What programs print, made safe: of svn and git, of the application's commands,
# of the error log. All of it is hostile, so the account berth-filter reads it,
# which owns nothing and runs nothing else, and root only passes on what that
# prints: lines of JSON made of printable UTF-8. (Rejected: nobody. Other
# programs of the guest run as nobody, and one account can stop and trace its
# own processes.)
# The time is linear in what comes, whatever that is, and there is a bound on
# everything: bytes, lines, a line's length. What costs most is a line, so runs
# of line ends become one before anything looks at lines.
#
# (Rejected: jq, which needed 58 ms for a line of 2,000 control characters. awk
# as Debian has it and cut without more are always there.)

kLineBytes=8000   # of a line that are looked at
kLineLimit=2000   # characters of it that are shown

kFilterAccount=berth-filter
filter_uid=
filter_gid=

# find_filter: berth-enroll makes the account.
find_filter() {
  local entry
  entry=$(getent passwd -- "$kFilterAccount") ||
    fail "this guest has no user $kFilterAccount, which reads what programs\
 print: run \`berthctl enroll\` for it on the console"
  IFS=: read -r _ _ filter_uid filter_gid _ <<<"$entry"
  ((filter_uid != 0 && filter_gid != 0)) ||
    fail "the user $kFilterAccount is root on this guest"
}

# as_filter COMMAND...: in the place of a subshell that a pipe has made. Until
# the account is looked up, for what refuses a request, it is nobody.
as_filter() {
  exec setpriv --reuid "${filter_uid:-65534}" --regid "${filter_gid:-65534}" \
    --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    --pdeathsig KILL "$@"
}

# Kinds: svn, git and log print objects as they come - what svn and git say of
# a file is counted, the rest is a log line, 5,000 at most; `last` prints one
# array of the last 20 lines, without those of svn's files; `text` one string.
# Copied to stderr is what was read, without control characters. Empty lines
# are left out everywhere.
# shellcheck disable=SC2016
kFilterProgram='
function emit(c) {
  piece = piece c
  if (length(piece) > 64) { whole = whole piece; piece = "" }
}
# A string of JSON: valid UTF-8 without control characters, most characters.
function quoted(s, most,   n, i, c, o, k, low, high, count) {
  if (s !~ /[\\"\001-\037\177-\377]/) {
    return "\"" substr(s, 1, most) "\""
  }
  whole = piece = ""
  n = length(s)
  for (i = 1; i <= n && count < most; i++) {
    count++
    c = substr(s, i, 1)
    o = code[c]
    if (c == "\\" || c == "\"") emit("\\" c)
    else if (o == 9) emit("\\t")
    else if (o == 10) emit("\\n")
    else if (o < 32 || o == 127) emit("?")
    else if (o < 128) emit(c)
    else {
      k = o < 194 || o > 244 ? 0 : o < 224 ? 1 : o < 240 ? 2 : 3
      low = o == 194 || o == 224 ? 160 : o == 240 ? 144 : 128
      high = o == 237 ? 159 : o == 244 ? 143 : 191
      for (end = i + k; k > 0 && i < end; ) {
        o = code[substr(s, i + 1, 1)]
        if (o < low || o > high) { k = 0; break }
        c = c substr(s, ++i, 1)
        low = 128
        high = 191
      }
      emit(k > 0 ? c : "?")
    }
  }
  return "\"" whole piece "\""
}
function say(line) { print line; fflush() }
# To stderr, with a write for many short lines.
function copied(line) {
  copy = copy line
  if (line == "" || length(copy) > 500) {
    printf "%s", copy > "/dev/stderr"
    copy = ""
  }
}
# At most four a second.
function progress(done, total, unit, message,   now) {
  if ((getline now < "/proc/uptime") > 0) split(now, up, " ")
  close("/proc/uptime")
  if (up[1] - shown < 0.25) return
  shown = up[1]
  say("{\"progress\":{\"done\":" done ",\"total\":" total ",\"unit\":\"" unit \
    "\",\"message\":" quoted(message, 200) "}}")
}
BEGIN {
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
  shown = -1
  files = logs = 0
}
kind == "text" {
  if (taken < 100000) emit((NR > 1 ? "\n" : "") $0)
  taken += length($0) + 1
  next
}
kind != "last" { copied($0 "\n") }
/^[ADUCGER ][ADUCGER ][B ][C ] [^ ]/ && kind != "git" && kind != "log" {
  if (kind == "svn") progress(++files, "null", "files", substr($0, 6))
  next
}
kind == "git" && /^(remote: )?[A-Z][a-z ]+: +[0-9]+% \([0-9]+\/[0-9]+\)/ {
  line = $0
  sub(/^remote: /, "", line)
  at = index(line, ":")
  what = substr(line, 1, at - 1)
  split(substr(line, index(line, "(") + 1, 40), part, /[\/)]/)
  progress(sprintf("%.0f", substr(part[1], 1, 15)),
    sprintf("%.0f", substr(part[2], 1, 15)),
    what == "Updating files" ? "files" : "objects", what)
  next
}
/^[ \t]*$/ { next }
kind == "last" { last[lines++] = $0; delete last[lines - 21]; next }
logs < 5000 { logs++; say("{\"log\":" quoted($0, most) "}") }
END {
  if (kind == "text") { text = whole piece; print quoted(text, 100000) }
  if (kind != "last") { copied(""); exit }
  for (i = lines > 20 ? lines - 20 : 0; i < lines; i++) {
    out = out (out == "" ? "" : ",") quoted(last[i], 500)
  }
  print "[" out "]"
}'

# The filter, all of it as berth-filter: KIND LIMIT PROGRAM BYTES MOST. TERM
# ends what brings it more, and it prints to its end what it has begun.
# shellcheck disable=SC2016
kFilter='
trap : TERM
awk=(awk)
[[ ! $(command -v mawk) ]] || awk=(mawk -W interactive)
[[ $1 != text ]] || set -- "$1" "$2" "$3" 100000 "$5"
{
  stdbuf -o0 head -c "$2"
  (($(head -c 1 | wc -c) == 0)) || printf "\n[more output left out]\n"
  cat >/dev/null
} 2>/dev/null | stdbuf -o0 tr "\r\000-\010\013\014\016-\037\177" "\n?" |
  stdbuf -o0 tr -s "\n" | stdbuf -oL cut -b "1-$4" |
  (trap "" TERM && exec "${awk[@]}" -v kind="$1" -v most="$5" "$3")'

# run_filter KIND: in the place of a subshell; stdin to lines of JSON. Its
# process group is its own.
run_filter() {
  as_filter setsid bash -pc "$kFilter" bash "$1" "$output_limit" \
    "$kFilterProgram" "$kLineBytes" "$kLineLimit"
}
