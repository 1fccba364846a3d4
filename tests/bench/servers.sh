#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# servers.sh [SERVERS [ROUNDS [REQUESTS]]]: GET /servers with that many servers
# (15) against an empty FastCGI program in the same Apache, in interleaved
# rounds; medians of requests per second, their ratio, and the CPU time of the
# program per request. Budget: at least 0.9 of the empty program.
#
# "empty" sends no body, "same bytes" as many as GET /servers from memory.
set -eu
cd "$(dirname "$0")/../.."
servers=${1:-15} rounds=${2:-7} requests=${3:-3000}
BATS_TEST_TMPDIR=$(mktemp -d /tmp/berth-bench.XXXXXX)
# shellcheck source=tests/api/helper.bash
. tests/api/helper.bash
# shellcheck source=tests/api/fixtures.bash
. tests/api/fixtures.bash
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
g++ -O2 -o "$tree/run/empty.fcgi" tests/bench/empty.cpp -lfcgi
export REQUIRE='Require all granted'
cat >"$tree/etc/more.conf" <<EOS
Alias /empty $tree/run/empty.fcgi
<Location /empty>
  SetHandler fcgid-script
  Options ExecCGI
  Require all granted
</Location>
EOS
APACHE_MORE=$tree/etc/more.conf start_apache fcgid

bytes=$(curl -sf "$BERTH_URL/api/servers" | wc -c)
echo "$servers servers, $bytes bytes; $rounds rounds of $requests requests, \
one connection, $(nproc) processors"
declare -A url=([berth]=$BERTH_URL/api/servers
  [empty]=http://127.0.0.1:$port/empty
  [same]=http://127.0.0.1:$port/empty/$bytes)

# CPU ticks of the programs named $1 that are this Apache's.
ticks() {
  local pid total=0
  for pid in $(pgrep -f "$1"); do
    [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$1")" ] || continue
    total=$((total + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
  done
  echo $total
}
declare -A program=([berth]=$top/build/bin/berth.fcgi
  [empty]=$tree/run/empty.fcgi [same]=$tree/run/empty.fcgi)
declare -A rates=() cpu=()
for what in berth empty same; do
  curl -sf "${url[$what]}" >/dev/null
  cpu[$what]=0
done
for ((i = 0; i < rounds; i++)); do
  for what in berth empty same; do
    beat $$
    before=$(ticks "${program[$what]}")
    rate=$(ab -q -k -n "$requests" -c 1 "${url[$what]}" 2>&1 |
      awk '/^Requests per second/ { print $4 }
        /^(Failed|Non-2xx)/ && $NF > 0 { exit 1 }')
    cpu[$what]=$((cpu[$what] + $(ticks "${program[$what]}") - before))
    rates[$what]+=" $rate"
  done
done

median() { tr ' ' '\n' | sed '/^$/d' | sort -g | awk '{ v[NR] = $1 }
  END { print v[int((NR + 1) / 2)] }'; }
for what in berth empty same; do
  rates[$what]=$(median <<<"${rates[$what]}")
  printf '%-6s %8.0f requests/s  %6.1f us of CPU in the program\n' "$what" \
    "${rates[$what]}" "$(awk -v t="${cpu[$what]}" -v n=$((rounds * requests)) \
      -v hz="$(getconf CLK_TCK)" 'BEGIN { print t / hz / n * 1e6 }')"
done
awk -v b="${rates[berth]}" -v e="${rates[empty]}" -v s="${rates[same]}" \
  'BEGIN { printf "ratio to empty %.2f, to the same bytes %.2f (budget 0.90)\n",
    b / e, b / s }'
