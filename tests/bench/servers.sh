#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# servers.sh [SERVERS [ROUNDS [REQUESTS]]]: GET /servers with that many servers
# (15) against an empty FastCGI program in the same Apache, in interleaved
# rounds; medians of requests per second, their ratio, and beside them the CPU
# time per request in the program and in Apache. Budget: at least 0.9 of the
# empty program.
#
#   empty   two headers and no body
#   same    two headers and as many bytes as GET /servers, from memory
#   LOGIN=no (the default), sha, bcrypt: no login, or a password with each
#   request, stored so. It is Apache that checks it, for all three programs
#   (mod_authn_socache would not help: it keeps the hash, not the answer).
#
# The same for all of them: the conf file that ships, once for each program at
# a mount of its own, so mod_fcgid's limits, the <If>s, the error documents,
# the page's headers and who may come in; one connection, kept; the length of
# the way from URL to program (a PATH_INFO, which costs Apache a subrequest).
# Not the same: berth.fcgi has its config, six more headers, and a state file
# and a heartbeat to read. So the ratio is the program's and its headers'.
set -eu
cd "$(dirname "$0")/../.."
servers=${1:-15} rounds=${2:-11} requests=${3:-2000} stored=${LOGIN:-no}
BATS_TEST_TMPDIR=$(mktemp -d /tmp/berth-bench.XXXXXX)
# shellcheck source=tests/lib/console.bash
. tests/lib/console.bash
# shellcheck source=tests/lib/published.bash
. tests/lib/published.bash
# shellcheck source=tests/bench/bench.bash
. tests/bench/bench.bash
trap 'stop_all; rm -rf "$BATS_TEST_TMPDIR"' EXIT

make_tree
write_config
publish_all
{
  printf '{"as_of":"2026-11-22T20:00:00Z","servers":['
  for ((i = 1; i <= servers; i++)); do
    [ "$i" = 1 ] || printf ,
    printf '%s}' "$(server_json "qa$i" running "$bob_hold" "$shop_on_qa1")"
  done
  printf ']}'
} | state servers.json
beat $$
g++ -O2 -o "$tree/www/empty.fcgi" tests/bench/empty.cpp -lfcgi
cat >"$tree/etc/more.conf" <<EOS
UnDefine BERTH_MOUNT
UnDefine BERTH_PROGRAM
Define BERTH_MOUNT /empty
Define BERTH_PROGRAM "$tree/www/empty.fcgi"
Include "$top/build/apache/berth.conf"
EOS
as=() ask=()
case $stored in
  no) export REQUIRE='Require all granted' ;;
  sha | bcrypt) as=(-A alice:alice) ask=(-u alice:alice) ;;
  *) die "LOGIN=$stored: no, sha or bcrypt" ;;
esac
APACHE_MORE=$tree/etc/more.conf start_apache fcgid
[ "$stored" != bcrypt ] || htpasswd -bB "$tree/users" alice alice 2>/dev/null

kinds=(berth empty same)
get() { curl -sf "${ask[@]}" "$1"; }
bytes=$(get "$BERTH_URL/api/servers" | wc -c)
empty=http://127.0.0.1:$port/empty/api
declare -A url=([berth]=$BERTH_URL/api/servers
  [empty]=$empty/0 [same]=$empty/$bytes)
declare -A program=([berth]=$tree/www/berth.fcgi
  [empty]=$tree/www/empty.fcgi [same]=$tree/www/empty.fcgi)
echo "$servers servers, $bytes bytes, login: $stored; $rounds rounds of" \
  "$requests requests, one connection, $(nproc) processors"

# Nanoseconds on a processor of all threads of the processes $@.
busy() {
  local pid files=()
  for pid in "$@"; do files+=("/proc/$pid"/task/*/schedstat); done
  awk '{ total += $1 } END { printf "%.0f\n", total }' "${files[@]}"
}
# The processes that run the program $1. Its copy is this bench's own.
processes_of() {
  local found
  found=$(find /proc/[0-9]*/exe -maxdepth 0 -lname "$1" 2>/dev/null |
    cut -d/ -f3) || true
  [ -n "$found" ] || die "no process runs $1"
  echo "$found"
}
# Apache's own: its first process and what that started, without the programs
# (which mod_fcgid's process starts).
apaches() { pid_of apache && pgrep -P "$(pid_of apache)"; }


# One run of $1: "KIND REQUESTS/S PROGRAM-US APACHE-US" to the file runs.
runs=$BATS_TEST_TMPDIR/runs
one() {
  local what=$1 pids apache before after rate
  pids=$(processes_of "${program[$what]}")
  apache=$(apaches)
  # shellcheck disable=SC2086
  before="$(busy $pids) $(busy $apache)"
  rate=$(ab -q -k "${as[@]}" -n "$requests" -c 1 "${url[$what]}" 2>&1 |
    awk '/^Requests per second/ { rate = $4 }
      /^(Failed|Non-2xx)/ && $NF > 0 { bad = 1 }
      END { if (!bad) print rate }')
  [ -n "$rate" ] || die "requests to ${url[$what]} failed"
  # shellcheck disable=SC2086
  after="$(busy $pids) $(busy $apache)"
  [ "$(processes_of "${program[$what]}")" = "$pids" ] ||
    die "the processes of ${program[$what]} changed within a run"
  awk -v what="$what" -v rate="$rate" -v n="$requests" '
    NR == 1 { program = $1; apache = $2 }
    NR == 2 { print what, rate, ($1 - program) / n / 1000,
      ($2 - apache) / n / 1000 }' <<<"$before
$after" >>"$runs"
}

# The first round is for the caches, after the processes are there.
for what in "${kinds[@]}"; do get "${url[$what]}" >/dev/null; done
for what in "${kinds[@]}"; do one "$what"; done
: >"$runs"
for ((i = 0; i < rounds; i++)); do
  beat $$
  # Each comes first in turn.
  for ((k = 0; k < ${#kinds[@]}; k++)); do
    one "${kinds[(i + k) % ${#kinds[@]}]}"
  done
done

median_of() { # KIND COLUMN
  awk -v what="$1" -v column="$2" '$1 == what { print $column }' "$runs" |
    median -
}
for what in "${kinds[@]}"; do
  for column in 3 4; do
    awk -v us="$(median_of "$what" $column)" 'BEGIN { exit !(us > 0) }' ||
      die "no CPU time was seen for $what: nothing was measured"
  done
  printf '%-6s %8.0f requests/s  %6.1f us of CPU in the program,' "$what" \
    "$(median_of "$what" 2)" "$(median_of "$what" 3)"
  printf ' %6.1f in Apache\n' "$(median_of "$what" 4)"
done
awk -v b="$(median_of berth 2)" -v e="$(median_of empty 2)" -v s="$(median_of same 2)" \
  'BEGIN { printf "ratio to empty %.2f, to the same bytes %.2f (budget 0.90)\n",
    b / e, b / s }'
