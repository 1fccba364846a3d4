#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The client against the real thing: a private Apache with the conf that
# ships, berth.fcgi, berthd and berth-watch on libvirt's test driver. Nothing
# can be built there (no repository, no cluster), so that a job fails; what
# needs one that succeeds runs against the lab, when BERTH_URL names it.
bats_require_minimum_version 1.5.0
load ../lib/console
load ../lib/lab
load ../lib/sql

berth="$top/sbin/berth"

setup_file() {
  export lab_url=${BERTH_URL:-} lab_user=${BERTH_USER:-} lab_password=${BERTH_PASSWORD:-}
  make_tree
  write_config
  test_host qa1 qa2 qa3
  start_apache
  start_runner
}
teardown_file() { stop_all; }

setup() {
  export BERTH_USER=alice BERTH_PASSWORD=alice HOME=$BATS_TEST_TMPDIR
}

# The lab's console and login instead of this file's own.
use_lab() {
  [ -n "$lab_url" ] || skip "needs the lab: BERTH_URL was not set"
  export BERTH_URL=$lab_url BERTH_USER=$lab_user BERTH_PASSWORD=$lab_password
}
need_worker() {
  [ -x "$top/build/bin/berth-worker" ] || skip "berth-worker is not built"
}

@test "servers, queue, history and job show the API's tables" {
  run -0 "$berth" servers
  [[ "${lines[0]}" == SERVER*HOLDER* ]]
  [[ "$output" == *qa1*running* ]]
  run -0 "$berth" queue
  [[ "${lines[0]}" == JOB* ]]
  run -0 "$berth" history qa1
  [[ "${lines[0]}" == SEQ* ]]
  run -2 "$berth" job 999999
  [[ "$output" == "berth: "*"999999"* ]]
}

@test "a server is reserved, extended and given back" {
  run -0 "$berth" reserve qa1 2 'sprint 12, "quoted" & more=50%'
  [[ "$output" == "qa1 is held by alice until 20"*Z ]]
  run -0 "$berth" history qa1
  [[ "$output" == *reserved*alice* ]]
  run -0 "$berth" reserve qa1
  run -0 "$berth" release qa1
  # The list follows within a second.
  wait_until 5 eval '! "$berth" servers | grep -q alice'
  run -0 "$berth" release qa1
}

@test "somebody else's server is refused with who has it" {
  run -0 "$berth" reserve qa2 1
  BERTH_USER=bob BERTH_PASSWORD=bob run -2 "$berth" reserve qa2 1
  [[ "$output" == "berth: "*alice* ]]
  BERTH_USER=bob BERTH_PASSWORD=bob run -2 "$berth" release qa2
  run -0 "$berth" release qa2
}

@test "a build that fails exits 1 and shows why" {
  need_worker
  run -1 "$berth" build qa3 --app shop --path trunk --wait --timeout 400
  [[ "${lines[0]}" == "job "*" on qa3" ]]
  [[ "${lines[-1]}" == "berth: job "*" failed: "* ]]
  id=$(sed 's/^job \([0-9]*\) .*/\1/;q' <<<"$output")
  run -0 "$berth" job "$id"
  [[ "$output" == *failed* ]]
  run -0 "$berth" log "$id"
  run -0 timeout 100 "$berth" log "$id" -f
  run -2 "$berth" cancel "$id"
  run -0 "$berth" release qa3
}

@test "--any takes a free server and says which" {
  need_worker
  run -1 "$berth" build --any --app shop --path trunk --release always \
    --wait --timeout 400
  [[ "${lines[0]}" =~ ^"job "[0-9]+" on qa"[123]$ ]]
}

@test "what the server refuses is refused with its own words" {
  run -2 "$berth" build qa1 --app nothing --path trunk
  [[ "$output" == *"no application nothing"* ]]
  run -2 "$berth" build qa1 --app shop --path ../etc
  run -2 "$berth" build qa1 --app shop --path $'tr\nunk'
  run -2 "$berth" build qa1 --app shop --path trunk --database 'x; drop'
  run -2 "$berth" build qa99 --app shop --path trunk
  [[ "$output" == *"no server qa99"* ]]
  run -2 "$berth" reserve qa1 0
  run -2 "$berth" reserve qa1 '1&take_over=true'
  run -2 "$berth" history qa99
}

@test "an undo of nothing, and keeping it, is refused" {
  run -2 "$berth" undo qa1
  [[ "$output" == "berth: "*qa1* ]]
  run -2 "$berth" undo qa1 --wait
  run -2 "$berth" keep qa1 8
  run -2 "$berth" keep qa1 soon
  [[ "$output" == *hours* ]]
  run -2 "$berth" keep qa1 -1
  run -2 "$berth" undo qa99
  [[ "$output" == *"no server qa99"* ]]
}

@test "a refresh is an admin's, and with --wait tells why it failed" {
  need_worker
  run -2 "$berth" refresh shop
  [[ "$output" == *"only an admin"* ]]
  export BERTH_USER=carol BERTH_PASSWORD=carol
  run -2 "$berth" refresh nothing
  run -2 "$berth" refresh site
  [[ "$output" == *"site has no database"* ]]
  # There is no dump and no cluster.
  run -1 "$berth" refresh shop --wait --timeout 400
  [[ "${lines[0]}" == "job "*" refreshes shop" ]]
  [[ "${lines[-1]}" == "berth: job "*" failed: "* ]]
  run -1 "$berth" refresh --again shop --wait
}

@test "a wrong or missing login is refused" {
  BERTH_PASSWORD=wrong run -2 "$berth" servers
  [[ "$output" == *"refused the login of $BERTH_USER"* ]]
  unset BERTH_USER BERTH_PASSWORD
  run -2 "$berth" reserve qa1 1
  [[ "$output" == *"not logged in"* ]]
}

@test "the login may come from netrc" {
  unset BERTH_USER BERTH_PASSWORD
  printf 'machine 127.0.0.1 login bob password bob\n' >"$HOME/.netrc"
  chmod 0600 "$HOME/.netrc"
  run -0 "$berth" reserve qa2 1
  [[ "$output" == *"held by bob"* ]]
  run -0 "$berth" release qa2
}

@test "a password is on nobody's command line" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  # Stands in front of curl and notes what everybody could see.
  cat >"$BATS_TEST_TMPDIR/bin/curl" <<EOS
#!/bin/sh
printf '%s\n' "\$*" >>"$BATS_TEST_TMPDIR/seen"
exec $(command -v curl) "\$@"
EOS
  chmod +x "$BATS_TEST_TMPDIR/bin/curl"
  htpasswd -bs "$tree/users" quirky 'qu"o\te: $x' 2>>"$tree/htpasswd.log"
  BERTH_USER=quirky BERTH_PASSWORD='qu"o\te: $x' \
    PATH="$BATS_TEST_TMPDIR/bin:$PATH" run -0 "$berth" servers
  [ -s "$BATS_TEST_TMPDIR/seen" ]
  run ! grep -q 'qu"o' "$BATS_TEST_TMPDIR/seen"
}

@test "words that are no command are told and exit 64" {
  run -64 "$berth"
  run -64 "$berth" dance
  run -64 "$berth" job
  run -64 "$berth" job 12x
  run -64 "$berth" job ../servers
  run -64 "$berth" release '../../x'
  run -64 "$berth" build qa1
  [[ "$output" == "berth: missing --app; write: berth build qa1 --app APP"* ]]
  run -64 "$berth" build --any
  [[ "$output" == *"write: berth build --any --app APP"* ]]
  run -64 "$berth" build qa1 --any --app shop
  run -64 "$berth" build --app
  run -64 "$berth" build qa1 --app shop --timeout soon
  run -64 "$berth" undo
  run -64 "$berth" undo qa1 qa2
  run -64 "$berth" undo qa1 --again
  run -64 "$berth" undo '../x'
  run -64 "$berth" undo qa1 --wait --timeout
  run -64 "$berth" keep qa1
  run -64 "$berth" refresh
  run -64 "$berth" refresh shop --timeout 0
  run -64 "$berth" refresh 'a b'
  BERTH_URL='' run -64 "$berth" servers
  BERTH_URL=file:///etc/passwd run -64 "$berth" servers
  run -0 "$berth" --help
  [[ "$output" == usage:* ]]
}

@test "a console that is not there exits 4" {
  BERTH_URL=http://127.0.0.1:$(free_port)/berth run -4 "$berth" servers
  [[ "$output" == "berth: http://"* ]]
  BERTH_URL=${BERTH_URL%/berth}/elsewhere run -2 "$berth" servers
}

@test "a build that succeeds exits 0 and names the site" {
  use_lab
  run -0 "$berth" build --any --app shop --path trunk --database newest \
    --release on_success --wait --timeout 600
  [[ "${lines[0]}" =~ ^"job "[0-9]+" on "[a-z] ]]
  [[ "${lines[-1]}" == "job "*" succeeded: http"* ]]
  run -0 curl -fsS "${lines[-1]##* }"
}

@test "a preview shows what a build would change, whoever has the server" {
  use_lab
  run --separate-stderr -0 "$berth" preview qa1 --app shop --path trunk
  [ -z "$output" ] || [[ "$output" == "--- a/"* ]]
  [[ "$stderr" == *"previews a build of shop on qa1"*succeeded* ]]
  run --separate-stderr -0 "$berth" preview qa1 --app shop --path trunk \
    --revision 20
  [[ "$output" == *"+BERTH_REVISION = '20'"* ]]
  run -1 "$berth" preview qa1 --app shop --path branches/none
  [[ "$output" == *"failed"* ]]
}

@test "an undo brings back what was there, is kept longer, can be undone" {
  use_lab
  run -0 "$berth" build --any --app shop --path trunk --database newest \
    --wait --timeout 600
  local server site
  server=$(sed -n 's/^job [0-9]* on //p' <<<"$output")
  site=${lines[-1]##* }
  run -0 "$berth" build "$server" --app shop --path branches/checkout-2 \
    --database newest --wait --timeout 600
  curl -fsS "${site}health" | grep -qx 'branch branches/checkout-2'
  # The list of what can be undone follows the cluster's, within a moment.
  wait_until 20 eval '"$berth" keep "$server" 2 >"$BATS_TEST_TMPDIR/kept"'
  grep -qE "keeps the undo on $server until 20" "$BATS_TEST_TMPDIR/kept"
  run -0 "$berth" undo "$server" --wait --timeout 600
  [[ "${lines[0]}" == "job "*" undoes job "*" on $server" ]]
  [[ "${lines[-1]}" == "job "*" succeeded: $site" ]]
  curl -fsS "${site}health" | grep -qx 'branch trunk'
  curl -fsS "${site}health" | grep -qx 'rows 120000'
  wait_until 20 eval '"$berth" undo "$server" --wait'
  curl -fsS "${site}health" | grep -qx 'branch branches/checkout-2'
  run -0 "$berth" history "$server"
  [[ "$output" == *undone*undone*kept*built*built* ]]
  run -0 "$berth" release "$server"
  # Whose it is no longer is not theirs to undo.
  run -2 "$berth" undo "$server"
}

@test "a build of data alone keeps the code, and can be undone" {
  use_lab
  local server site job seen
  lab_env
  export BERTH_USER=$lab_user BERTH_PASSWORD=$lab_password
  on_server() {
    sql_in "shop_${server//-/_}" "$1"
  }
  code() {
    curl -fsS "${site}health" | grep -E '^(branch|revision) '
    in_lab sh -c 'cd "$1/srv/shop" && readlink current &&
      find a b -type f ! -name "*.pyc" -printf "%p %T@ %s\n" | sort' - \
      "$LAB_DIR/guests/$server"
  }
  run -0 "$berth" build --any --app shop --path trunk --revision 20 \
    --database newest --wait --timeout 600
  server=$(sed -n 's/^job [0-9]* on //p' <<<"$output")
  site=${lines[-1]##* }
  on_server 'CREATE TABLE typed_in ()'
  seen=$(code)
  run -0 "$berth" build "$server" --app shop --database newest --wait \
    --timeout 600
  job=$(sed -n 's/^job \([0-9]*\) on .*/\1/p' <<<"$output")
  [[ "${lines[-1]}" == "job $job succeeded: $site" ]]
  [ "$(code)" = "$seen" ]
  [ "$(on_server "SELECT to_regclass('typed_in') IS NULL")" = t ]
  curl -fsS "${site}health" | grep -qx 'rows 120000'
  curl -fsS -u "$lab_user:$lab_password" "$BERTH_URL/api/jobs/$job" |
    jq -e '.arguments.path == "trunk" and .revision == "20" and
      .arguments.checkout == false and .configuration.path == "trunk"'
  run -0 "$berth" history "$server"
  [[ "$output" == *"shop trunk@20 on $server, data "*"shop trunk@20 on "* ]]
  wait_until 20 eval '"$berth" undo "$server" --wait'
  [ "$(code)" = "$seen" ]
  [ "$(on_server "SELECT to_regclass('typed_in') IS NULL")" = f ]
  run -2 "$berth" build "$server" --app shopgit --database newest
  [[ "$output" == *"$server has shop, not shopgit: the first build of \
shopgit on it needs a checkout"* ]]
  run -2 "$berth" build "$server" --app shop
  [[ "$output" == *"path: is missing"* ]]
  run -0 "$berth" release "$server"
}

@test "a generation that is not kept is refused with those that are" {
  use_lab
  # Right after a job that changed the cluster, the undo above, only preflight
  # could know; berthd looks every minute.
  local login=$BERTH_USER:$BERTH_PASSWORD
  looked() {
    local ended seen
    ended=$(curl -fsS -u "$login" "$BERTH_URL/api/jobs" |
      jq -r '[.jobs[].finished_at | strings] | max')
    seen=$(curl -fsS -u "$login" "$BERTH_URL/api/clusters" |
      jq -r '.clusters[0].as_of')
    [[ "$seen" > "$ended" ]]
  }
  wait_until 90 looked
  run -2 "$berth" build --any --app shop --path trunk --database 20200101000000
  [[ "$output" == *20200101000000* ]]
}

@test "a job that does not end in time exits 3 and can be cancelled" {
  use_lab
  run -3 "$berth" build --any --app shop --path trunk --database newest \
    --release always --wait --timeout 1
  id=$(sed 's/^job \([0-9]*\) .*/\1/;q' <<<"$output")
  run "$berth" cancel "$id"
  # Too late is an answer as well: then it is built.
  [ "$status" -eq 0 ] || [[ "$status" -eq 2 && "$output" == *ended* ]]
  wait_until 60 eval '"$berth" job "$id" | grep -qE "^state +(cancelled|succ)"'
}

@test "berth-enc classifies the console's servers and no others" {
  enc=$top/contrib/puppet/berth-enc
  printf 'url = "%s/api/servers"\nuser = "alice:alice"\n' "$BERTH_URL" \
    >"$BATS_TEST_TMPDIR/enc"
  export BERTH_ENC_CONFIG=$BATS_TEST_TMPDIR/enc
  "$berth" release qa1
  "$berth" reserve qa1 1
  run -0 "$enc" qa1.qa.example.com
  [ "${lines[0]}" = --- ]
  [ "${lines[2]}" = '  - "berth_test_server"' ]
  [[ "$output" == *'  berth_server: "qa1"'*'  berth_holder: "alice"'* ]]
  [[ "$output" == *'  berth_application: null'* ]]
  BERTH_ENC_CLASS=other run -0 "$enc" qa2
  [ "${lines[2]}" = '  - "other"' ]
  "$berth" release qa1
  run -1 "$enc" db1.example.com
  [[ "$output" == *"db1 is no server"* ]]
  for name in '' ../../etc/passwd 'qa1;id' QA1 '-K/etc/passwd' 'qa1$(id)' \
    $'qa1\nqa2' .qa1 "$(printf 'a%.0s' $(seq 254))"; do
    run -64 "$enc" "$name"
  done
  run -64 "$enc" qa1 qa2
  printf 'url = "http://127.0.0.1:1/"\n' >"$BATS_TEST_TMPDIR/enc"
  run -4 "$enc" qa1
}

@test "nothing is left in the temporary folder" {
  mkdir "$BATS_TEST_TMPDIR/tmp"
  TMPDIR=$BATS_TEST_TMPDIR/tmp run -0 "$berth" servers
  TMPDIR=$BATS_TEST_TMPDIR/tmp run -2 "$berth" job 999999
  [ -z "$(ls "$BATS_TEST_TMPDIR/tmp")" ]
}

@test "with berthd away a hold is unreachable and a build waits" {
  stop runner
  run -4 "$berth" reserve qa1 1
  [[ "$output" == *berthd* ]]
  run -3 "$berth" build qa1 --app shop --path trunk --wait --timeout 2
  [[ "$output" == *"remains submitted"* ]]
  BERTH_USER=carol BERTH_PASSWORD=carol \
    run -3 "$berth" refresh shop --wait --timeout 2
  run -0 "$berth" servers
}

@test "what berthd refuses when it is back, the client that waits shows" {
  stop runner
  local out=$BATS_TEST_TMPDIR/out kept status
  "$berth" build qa99 --app shop --path trunk >"$out.build" 2>&1 3>&- &
  kept=($!)
  "$berth" refresh shop >"$out.refresh" 2>&1 3>&- &
  kept+=($!)
  wait_until 20 grep -q 'has not decided yet' "$out.build"
  wait_until 20 grep -q 'has not decided yet' "$out.refresh"
  start_runner
  for pid in "${kept[@]}"; do
    status=0
    wait "$pid" || status=$?
    [ "$status" = 2 ]
  done
  [ "$(tail -n 1 "$out.build")" = 'berth: there is no server qa99' ]
  [[ "$(tail -n 1 "$out.refresh")" == 'berth: only an admin '* ]]
}
