# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# Filters what programs print: svn and git, the application's commands, the
# error log. All of it is untrusted, so the account berth-filter reads it, which
# owns nothing and runs nothing else, and root only passes on what that prints:
# lines of JSON made of printable UTF-8. (Rejected: nobody. Other programs of
# the guest run as nobody, and an account can stop and trace its own processes.)
# The time is linear in the input, whatever it is, and everything is limited:
# bytes, lines, the length of a line. Lines cost most, so runs of line ends
# become one before lines are processed.
#
# (Rejected: jq, which needed 58 ms for a line of 2,000 control characters. awk
# as Debian has it, and cut, are always installed.)

kLineBytes=8000   # bytes of a line that are read
kLineLimit=2000   # characters of it that are printed

kFilterAccount=berth-filter
filter_uid=
filter_gid=

# find_filter: berth-enroll creates the account.
find_filter() {
  local entry
  entry=$(getent passwd -- "$kFilterAccount") ||
    fail "this guest has no user $kFilterAccount, which reads what programs\
 print: run \`berthctl enroll\` for it on the console"
  IFS=: read -r _ _ filter_uid filter_gid _ <<<"$entry"
  ((filter_uid != 0 && filter_gid != 0)) ||
    fail "the user $kFilterAccount is root on this guest"
}

# as_filter COMMAND...: replaces the subshell that a pipe has made. Until the
# account is looked up - for what refuses a request - it is nobody.
as_filter() {
  exec setpriv --reuid "${filter_uid:-65534}" --regid "${filter_gid:-65534}" \
    --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    --pdeathsig KILL "$@"
}

# Kinds: svn, git and log print objects as they arrive - svn's and git's lines
# per file are counted, the rest are log lines, at most 5,000; `last` prints an
# array of the last 20 lines, without svn's lines per file; `text` prints one
# string. The input without control characters is copied to stderr. Empty lines
# are omitted.
# shellcheck disable=SC2016
kFilterProgram='
function emit(c) {
  piece = piece c
  if (length(piece) > 64) { whole = whole piece; piece = "" }
}
# A JSON string: valid UTF-8 without control characters, at most `most`
# characters.
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
# To stderr, with one write for many short lines.
function copied(line) {
  copy = copy line
  if (line == "" || length(copy) > 500) {
    printf "%s", copy > "/dev/stderr"
    copy = ""
  }
}
# At most four per second.
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

# The complete filter, as berth-filter: KIND LIMIT PROGRAM BYTES MOST. TERM ends
# its input, and it prints completely what it has begun.
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

# run_filter KIND: replaces a subshell; converts stdin to lines of JSON. It has
# a process group of its own.
run_filter() {
  as_filter setsid bash -pc "$kFilter" bash "$1" "$output_limit" \
    "$kFilterProgram" "$kLineBytes" "$kLineLimit"
}
