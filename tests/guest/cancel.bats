#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest: the end of stdin cancels, and nothing that a verb has started
# outlives it.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

setup_file() { guest_setup_file svn; guest_made; }
teardown_file() { guest_teardown_file; }
setup() { guest_setup; mark=${RANDOM}37$RANDOM; }
teardown() { guest_teardown; }

checked_out() {
  guest checkout "$1" "$(checkout_request svn trunk 4)"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# prepare_with: the script on stdin is the prepare command.
prepare_with() {
  { echo '#!/bin/bash'; echo "mark=$mark"; cat; } >"$T/script"
  chmod 0755 "$T/script"
  prepare="[[\"$T/script\", \"{rendered}\", \"{slot}\"]]"
  guest_conf svn
}

cancelled() {
  [ "$status" -eq 20 ] && [ "$(answer .cancelled)" = true ] ||
    { cat "$T/begun.out"; false; }
}

# slow_repository: svnserve behind a pipe that lets little through at a time.
slow_repository() {
  cat >"$T/tunnel" <<TUNNEL
#!/bin/bash
svnserve -t -r '$T/repo' | while dd bs=64 count=1 status=none |
  tee /dev/fd/3 | grep -q .; do sleep 0.05; done 3>&1
TUNNEL
  chmod 0755 "$T/tunnel"
  repository=svn+slow://host/shop
  guest_conf svn
  mkdir -p "$T/srv/shop/.berth/svn"
  printf '[tunnels]\nslow = %s\n' "$T/tunnel" >"$T/srv/shop/.berth/svn/config"
}

@test "cancel in the middle of a checkout: no marker, no process, no change" {
  checked_out 1
  ln -s a "$T/srv/shop/current"
  slow_repository
  begin checkout 2 "$(checkout_request svn branches/x 4)"
  wait_until 20 running "$T/repo"
  let_go
  finish
  cancelled
  not_running "$T/repo"
  guest status 2 '{"application":"shop"}'
  [ "$(answer '[.current, .slots.a.job, .slots.b] | tostring')" \
    = '["a",1,null]' ]
  repository=file://$T/repo/shop
  guest_conf svn
  checked_out 3
  [ "$(answer .slot)" = b ]
}

@test "a checkout killed with -9 leaves no process, and the next one works" {
  checked_out 1
  slow_repository
  begin checkout 2 "$(checkout_request svn trunk 4)"
  wait_until 20 running "$T/repo"
  kill -KILL -- "-$guest_pid"
  finish
  let_go
  wait_until 20 not_running "$T/repo"
  guest status 2 '{"application":"shop"}'
  [ "$(answer .slots.a)" = null ]
  repository=file://$T/repo/shop
  guest_conf svn
  checked_out 3
}

@test "one byte more on stdin cancels too" {
  checked_out 1
  prepare_with <<<"sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  wait_until 20 running "$mark"
  printf x >&8
  finish
  let_go
  cancelled
  not_running "$mark"
}

@test "daemons that ignore TERM and left their session are gone with cancel" {
  checked_out 1
  prepare_with <<<"trap '' TERM HUP
    (setsid bash -c 'trap \"\" TERM; sleep $mark; :' & )
    sleep $mark & sleep $mark; sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  wait_until 20 running "$mark"
  let_go
  finish
  cancelled
  not_running "$mark"
}

@test "what a prepare command leaves behind is gone when it ends" {
  checked_out 1
  prepare_with <<<"setsid sleep $mark & echo started"
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 0 ]
  [[ $output == *started* ]]
  not_running "$mark"
}

@test "the deadline of guest.conf ends what hangs" {
  checked_out 1
  deadline=1
  prepare_with <<<"sleep $mark"
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'deadline of 1 s'* ]]
  not_running "$mark"
}

@test "cancel in the configtest puts the old files back" {
  checked_out 1
  mkdir -p "$T/tree/etc/shop"
  echo new >"$T/tree/etc/shop/new.conf"
  configtest="[\"/bin/sleep\", \"$mark\"]"
  guest_conf svn
  stage_files 2
  begin switch 2 '{"application":"shop","slot":"a"}'
  wait_until 20 running "$mark"
  [ -e "$T/prefix/etc/shop/new.conf" ]
  let_go
  finish
  cancelled
  [ ! -e "$T/prefix/etc/shop" ]
  [ ! -e "$T/srv/shop/current" ]
  not_running "$mark"
}

@test "a second verb on the same application waits, and is told busy" {
  checked_out 1
  prepare_with <<<"sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  wait_until 20 running "$mark"
  guest discard 2 '{"application":"shop"}'
  [ "$status" -eq 20 ]
  [[ $(answer .error) == busy* ]]
  guest status 2 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  let_go
  finish
}

@test "prepare runs as the deploy user, without root's rights and folders" {
  checked_out 1
  mkdir -p "$T/tree/etc/shop"
  echo secret >"$T/tree/etc/shop/settings.py"
  stage_files 2 prepare
  prepare_with <<'SCRIPT'
id -un; pwd; echo "$BERTH_APPLICATION $BERTH_SLOT"
cat "$BERTH_RENDERED/etc/shop/settings.py" "$1/etc/shop/settings.py"
echo "$2"; env | cut -d= -f1 | sort | tr '\n' ' '; echo
ls -m /proc/$$/fd
sudo -n id 2>&1 | head -n 1; grep -i capeff /proc/self/status
SCRIPT
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  run jq -r '.log // empty' <<<"$output"
  [ "${lines[0]}" = games ]
  [ "${lines[1]}" = "$T/srv/shop/a" ]
  [ "${lines[2]}" = "shop $T/srv/shop/a" ]
  [ "${lines[3]}${lines[4]}" = secretsecret ]
  [ "${lines[5]}" = "$T/srv/shop/a" ]
  [ "${lines[6]}" = "BERTH_APPLICATION BERTH_RENDERED BERTH_SLOT HOME LANG\
 LOGNAME PATH PWD SHLVL USER _ " ]
  [ "${lines[7]}" = '0, 1, 2, 255' ] || { echo "${lines[7]}"; false; }
  [[ ${lines[8]} == *'no new privileges'* ]]
  [[ ${lines[9]} == *0000000000000000 ]]
  [ ! -e "$T/srv/shop/.berth/rendered" ]
}

# The rendered files had the primary group of the deploy user, which can be that
# of other applications; `group` in guest.conf is for what must not be theirs.
@test "while prepare runs nobody else's group reads what was rendered" {
  local file=$T/srv/shop/.berth/rendered/etc/shop/settings.py
  local -a as=(setpriv --clear-groups --regid games)
  checked_out 1
  mkdir -p "$T/tree/etc/shop"
  echo secret >"$T/tree/etc/shop/settings.py"
  stage_files 2 prepare
  prepare_with <<<"sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  wait_until 20 running "$mark"
  run "${as[@]}" --reuid 60802 cat "$file"
  [[ $status -ne 0 && $output != *secret* ]] || { echo "$output"; false; }
  run "${as[@]}" --reuid games cat "$file"
  [ "$output" = secret ]
  run "${as[@]}" --reuid games rm -f "$file"
  [ "$status" -ne 0 ]
  let_go
  finish
  cancelled
  [ ! -e "$T/srv/shop/.berth/rendered" ]
}

@test "a prepare command that fails: its status and last lines" {
  checked_out 1
  prepare_with <<<'seq 50; printf "\033[2J\0\377bad\n"; exit 3'
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'exit status 3'* ]]
  [ "$(answer '.lines | length')" = 20 ]
  [ "$(answer .command)" = 0 ]
  [[ $(answer '.lines[-1]') == *bad ]]
  run grep -c $'\033' <<<"$output"
  [ "$output" = 0 ]
}

# readers FILE: uid and capabilities of each process that writes to FILE.
readers() {
  find /proc/[0-9]*/fd -maxdepth 1 -lname "$1" -printf '%h\n' 2>/dev/null |
    while read -r fd; do
      awk '/^(Uid|CapEff):/ { printf "%s ", $2 } END { print "" }' \
        "${fd%/fd}/status"
    done | sort -u
}

# filter_reads: something reads what the command of job 2 prints.
filter_reads() {
  [ -n "$(readers "$T/prefix/var/lib/berth-guest/shop/2/output")" ]
}

@test "berth-filter, and never root, reads what a command prints" {
  checked_out 1
  prepare_with <<<"echo started; sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  wait_until 20 grep -q started "$T/begun.out"
  wait_until 20 filter_reads
  run readers "$T/prefix/var/lib/berth-guest/shop/2/output"
  [ "$output" = '65534 0000000000000000 ' ] || { echo "$output"; false; }
  let_go
  finish
  cancelled
}

@test "a cancel ends a command that prints one line without end" {
  checked_out 1
  prepare_with <<<"echo started; trap '' TERM; tr '\\0' x </dev/zero; sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  wait_until 20 grep -q started "$T/begun.out"
  let_go
  finish
  cancelled
  not_running "$mark"
  wait_until 20 not_filter_reads
  # Whole lines, whenever it came.
  jq -e type "$T/begun.out" >/dev/null
  # What is kept of the output has a bound, too.
  [ ! -e "$T/prefix/var/lib/berth-guest/shop/2/output" ] ||
    [ "$(stat -c %s "$T/prefix/var/lib/berth-guest/shop/2/output")" -lt 2000000 ]
}

not_filter_reads() { ! filter_reads; }

@test "a line of 100 MB, of whatever bytes, is 2,000 characters of the log" {
  local bytes
  checked_out 1
  for bytes in x '\1' '\303' '\\'; do
    prepare_with <<<"head -c 100000000 /dev/zero | tr '\\0' '$bytes'
      echo; touch done"
    guest prepare 2 '{"application":"shop","where":"idle"}'
    [ "$status" -eq 0 ] || { echo "${output: -500}"; false; }
    [ -e "$T/srv/shop/a/done" ]
    rm "$T/srv/shop/a/done"
    jq -se 'map(.log // empty) | map(length) == [2000, 22]' <<<"$output"
  done
}

@test "what is no printable UTF-8 is replaced, and all else is kept" {
  checked_out 1
  prepare_with <<'SCRIPT'
printf 'J\303\266rg "w\\x" \360\237\247\200\n'
printf 'a\1\33[2J\177\302\205\355\240\200\300\257\377z\tb\rc\n'
SCRIPT
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 0 ]
  jq -se 'map(.log // empty) ==
    ["Jörg \"w\\x\" 🧀", "a??[2J?????????z\tb", "c"]' <<<"$output" ||
    { echo "$output"; false; }
}

@test "output without end or newline is cut, and the command goes on" {
  checked_out 1
  prepare_with <<<'yes | head -c 3000000 | tr -d "\n"; echo
    yes | head -n 20000; touch done'
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 0 ] || { echo "${output: -500}"; false; }
  [ -e "$T/srv/shop/a/done" ]
  [ "${#output}" -lt 2000000 ]
  while read -r line; do jq -e type <<<"$line"; done \
    < <(head -n 3 <<<"$output") >&2
}

# 16 MiB of line ends, at two microseconds each, took half a minute, and in the
# kind `text`, which copied all it had for each, hours.
@test "output of nothing but line ends takes no time" {
  local kind byte
  output_limit=16777216
  # shellcheck source=/dev/null
  source "$T/sbin/berth-guest.d/filter.bash"
  for kind in log svn git last text; do
    for byte in '\n' '\r'; do
      { echo first; head -c 16000000 /dev/zero | tr '\0' "$byte"; echo last; } |
        (declare -fx as_filter run_filter
          export output_limit kFilter kFilterProgram kLineBytes kLineLimit
          exec timeout -k 1 5 bash -c "run_filter $kind") \
          >"$T/shown" 2>"$T/copied" || { echo "$kind $byte"; false; }
      jq -se '. == [{log: "first"}, {log: "last"}] or
        . == [["first", "last"]] or . == ["first\nlast"]' "$T/shown" ||
        { echo "$kind $byte"; head -c 200 "$T/shown"; false; }
      [ "$(stat -c %s "$T/copied")" -lt 20 ]
    done
  done
}
