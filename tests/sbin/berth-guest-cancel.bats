#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest: the end of stdin cancels, and nothing that a verb has started
# outlives it.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load guest_helper

setup_file() { guest_setup_file svn; guest_made; }
teardown_file() { guest_teardown_file; }
setup() { guest_setup; mark=${RANDOM}37$RANDOM; }
teardown() { guest_teardown; }

built() {
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
  built 1
  ln -s a "$T/srv/shop/current"
  slow_repository
  begin checkout 2 "$(checkout_request svn branches/x 4)"
  eventually running "$T/repo"
  let_go
  finish
  cancelled
  not_running "$T/repo"
  guest status 2 '{"application":"shop"}'
  [ "$(answer '[.current, .slots.a.job, .slots.b] | tostring')" \
    = '["a",1,null]' ]
  repository=file://$T/repo/shop
  guest_conf svn
  built 3
  [ "$(answer .slot)" = b ]
}

@test "a checkout killed with -9 leaves no process, and the next one works" {
  built 1
  slow_repository
  begin checkout 2 "$(checkout_request svn trunk 4)"
  eventually running "$T/repo"
  kill -KILL -- "-$guest_pid"
  finish
  let_go
  eventually not_running "$T/repo"
  guest status 2 '{"application":"shop"}'
  [ "$(answer .slots.a)" = null ]
  repository=file://$T/repo/shop
  guest_conf svn
  built 3
}

@test "one byte more on stdin cancels too" {
  built 1
  prepare_with <<<"sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  eventually running "$mark"
  printf x >&8
  finish
  let_go
  cancelled
  not_running "$mark"
}

@test "daemons that ignore TERM and left their session are gone with cancel" {
  built 1
  prepare_with <<<"trap '' TERM HUP
    (setsid bash -c 'trap \"\" TERM; sleep $mark; :' & )
    sleep $mark & sleep $mark; sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  eventually running "$mark"
  let_go
  finish
  cancelled
  not_running "$mark"
}

@test "what a prepare command leaves behind is gone when it ends" {
  built 1
  prepare_with <<<"setsid sleep $mark & echo started"
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 0 ]
  [[ $output == *started* ]]
  not_running "$mark"
}

@test "the deadline of guest.conf ends what hangs" {
  built 1
  deadline=1
  prepare_with <<<"sleep $mark"
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'deadline of 1 s'* ]]
  not_running "$mark"
}

@test "cancel in the configtest puts the old files back" {
  built 1
  mkdir -p "$T/tree/etc/shop"
  echo new >"$T/tree/etc/shop/new.conf"
  configtest="[\"/bin/sleep\", \"$mark\"]"
  guest_conf svn
  stage_files 2
  begin switch 2 '{"application":"shop","slot":"a"}'
  eventually running "$mark"
  [ -e "$T/prefix/etc/shop/new.conf" ]
  let_go
  finish
  cancelled
  [ ! -e "$T/prefix/etc/shop" ]
  [ ! -e "$T/srv/shop/current" ]
  not_running "$mark"
}

@test "a second verb on the same application waits, and is told busy" {
  built 1
  prepare_with <<<"sleep $mark"
  begin prepare 2 '{"application":"shop","where":"idle"}'
  eventually running "$mark"
  guest discard 2 '{"application":"shop"}'
  [ "$status" -eq 20 ]
  [[ $(answer .error) == busy* ]]
  guest status 2 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  let_go
  finish
}

@test "prepare runs as the deploy user, without root's rights and folders" {
  built 1
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
  [ "${lines[0]}" = nobody ]
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

@test "a prepare command that fails: its status and last lines" {
  built 1
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

@test "output without end or newline is cut, and the command goes on" {
  built 1
  prepare_with <<<'yes | head -c 3000000 | tr -d "\n"; echo
    yes | head -n 20000; touch done'
  guest prepare 2 '{"application":"shop","where":"idle"}'
  [ "$status" -eq 0 ] || { echo "${output: -500}"; false; }
  [ -e "$T/srv/shop/a/done" ]
  [ "${#output}" -lt 2000000 ]
  while read -r line; do jq -e type <<<"$line"; done \
    < <(head -n 3 <<<"$output") >&2
}
