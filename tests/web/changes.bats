#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034,SC2016
# What PUT, POST and DELETE do, with a real berthd behind a private Apache.
load ../lib/console
load ../lib/published

setup_file() {
  make_tree
  write_config
  start_runner
  start_apache
}
teardown_file() { stop_all; }
# Nobody has anything, and berthd runs, however the test before ended.
setup() {
  local s
  kill -CONT "$(pid_of runner)" 2>/dev/null || start_runner
  for s in qa1 qa2 qa3 qa4; do free $s; done
}

drops() { find "$tree/spool/drop" -name '*.json' | wc -l; }
# Free again, whoever has it, whatever runs there.
free() {
  local id tries=100
  while id=$(grep -o '"job":{"id":[0-9]*' "$tree/lib/state/server/$1.json"); do
    who=carol api DELETE "/jobs/${id##*:}"
    sleep 0.2
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
  done
  wait_until 10 release_now "$1" || {
    echo "cannot free $1: $body" >&2
    return 1
  }
}
release_now() {
  who=carol api DELETE "/servers/$1/reservation"
  [ "$status" = 204 ]
}
published_hold() { # SERVER USER
  grep -q "\"hold\":{\"user\":\"$2\"" "$tree/lib/state/server/$1.json"
}

@test "a free server is reserved: 201, then 200 for more of it, 204 to end" {
  json PUT /servers/qa1/reservation '{"hours":2,"note":"sprint 12"}'
  expect 201
  [ "$(member "['server']")" = qa1 ]
  [ "$(member "['hold']['user']")" = alice ]
  [ "$(member "['hold']['note']")" = "sprint 12" ]
  json PUT /servers/qa1/reservation '{"hours":4}'
  expect 200
  [ "$(member "['hold']['note']")" = "sprint 12" ]
  json PUT /servers/qa1/reservation '{"hours":4,"note":"sprint 13"}'
  expect 200
  [ "$(member "['hold']['note']")" = "sprint 13" ]
  wait_until 10 grep -q '"note":"sprint 13"' "$tree/lib/state/server/qa1.json"
  api DELETE /servers/qa1/reservation
  expect 204
  [ ! -s "$BATS_TEST_TMPDIR/body" ]
  api DELETE /servers/qa1/reservation
  expect 204
}

@test "a plain form does the same, as curl -d and wget send it" {
  api PUT /servers/qa1/reservation -d hours=1.5 -d 'note=a%20form'
  expect 201
  [ "$(member "['hold']['note']")" = "a form" ]
}

@test "a server that somebody has is 409 with holder, until and what is free" {
  who=bob json PUT /servers/qa2/reservation '{"hours":1}'
  expect 201
  json PUT /servers/qa2/reservation '{"hours":1}'
  expect_problem 409 bob
  [ "$(member "['holder']")" = bob ]
  [[ "$(member "['until']")" == *Z ]]
  [[ "$(member "['free']")" == *'"qa1"'* ]]
  [[ "$(member "['free']")" != *'"qa2"'* ]]
  api DELETE /servers/qa2/reservation
  expect_problem 403 bob
  json PUT /servers/qa2/reservation '{"hours":1,"take_over":true}'
  expect_problem 403 admin
  who=carol json PUT /servers/qa2/reservation '{"hours":1,"take_over":true}'
  [ "$status" -lt 300 ]
  [ "$(member "['hold']['user']")" = carol ]
}

@test "a server given back is free for the next one at once" {
  for _ in 1 2 3 4 5; do
    who=bob json PUT /servers/qa2/reservation '{"hours":1}'
    expect 201
    who=bob api DELETE /servers/qa2/reservation
    expect 204
    json PUT /servers/qa2/reservation '{"hours":1}'
    expect 201
    api DELETE /servers/qa2/reservation
    expect 204
  done
}

@test "a build is 201 with the job's address, and the job is there at once" {
  json POST /servers/qa1/builds \
    '{"application":"site","path":"main","database":"none","checkout":true}'
  expect 201
  job=$(member "['job']")
  [ "$(member "['server']")" = qa1 ]
  [ "$(header location)" = "/berth/api/jobs/$job" ]
  api GET "/jobs/$job"
  expect 200
  [ "$(member "['user']")" = alice ]
  api GET "/jobs/$job/result"
  [[ "$status" =~ ^(202|409)$ ]]
}

@test "a build on any server names the one it took" {
  json POST /builds \
    '{"application":"site","path":"main","database":"none","release":"always"}'
  expect 201
  server=$(member "['server']")
  [[ "$server" =~ ^qa[1-4]$ ]]
}

@test "when nothing is free, any is 409" {
  for s in qa1 qa2 qa3 qa4; do
    who=bob json PUT /servers/$s/reservation '{"hours":1}'
    expect 201
  done
  json POST /builds '{"application":"site","path":"main"}'
  expect_problem 409 free
}

@test "a build on somebody's server is 409" {
  who=bob json PUT /servers/qa1/reservation '{"hours":1}'
  expect 201
  json POST /servers/qa1/builds '{"application":"site","path":"main"}'
  expect_problem 409 bob
  [ "$(member "['holder']")" = bob ]
  # Of those that are free, where shop may be built.
  json POST /servers/qa1/builds '{"application":"shop","path":"trunk"}'
  expect_problem 409 bob
  [ "$(member "['free']")" = '["qa2", "qa3"]' ]
}

@test "an application is built only where it may be" {
  for what in builds previews; do
    json POST /servers/qa4/$what '{"application":"shop","path":"trunk"}'
    expect_problem 403 qa4
    [ "$(member "['free']")" = '["qa1", "qa2", "qa3"]' ]
  done
}

@test "what is not there is refused by its name" {
  for what in builds previews; do
    json POST /servers/qa9/$what '{"application":"shop","path":"trunk"}'
    expect_problem 404 qa9
    json POST /servers/qa1/$what '{"application":"nothing","path":"trunk"}'
    expect_problem 400 nothing
    [ "$(member "['member']")" = application ]
    json POST /servers/qa1/$what \
      '{"application":"site","path":"main","database":"newest"}'
    expect_problem 400 database
    [ "$(member "['member']")" = database ]
  done
  json PUT /servers/qa9/reservation '{"hours":1}'
  expect_problem 404 qa9
  for change in 'DELETE /servers/qa9/reservation' 'POST /servers/qa9/checks' \
    'POST /servers/qa9/undo' 'PUT /servers/qa9/undo -d hours=1' \
    'POST /servers/qa9/power -d action=start' \
    'POST /servers/qa9/snapshots -d name=s' 'GET /servers/qa9/snapshots'; do
    # shellcheck disable=SC2086
    api $change
    expect_problem 404 qa9
  done
  who=carol api POST /applications/nothing/refresh
  expect_problem 404 nothing
}

@test "an Idempotency-Key repeats the first answer" {
  # Held by itself: the build fails, and its own hold would end with it.
  api PUT /servers/qa3/reservation -d hours=4
  body1='{"application":"site","path":"main","note":"once"}'
  json POST /servers/qa3/builds "$body1" -H 'Idempotency-Key: ci 1'
  expect 201
  job=$(member "['job']")
  json POST /servers/qa3/builds "$body1" -H 'Idempotency-Key: ci 1'
  expect 201
  [ "$(member "['job']")" = "$job" ]
  # The same request, written differently.
  api POST /servers/qa3/builds -H 'Idempotency-Key: ci 1' \
    -d 'note=once&path=main&application=site'
  expect 201
  [ "$(member "['job']")" = "$job" ]
  json POST /servers/qa3/builds '{"application":"site","path":"other"}' \
    -H 'Idempotency-Key: ci 1'
  expect_problem 409 Idempotency-Key
  # Somebody else's key of that name is another key.
  who=bob json POST /servers/qa3/builds "$body1" -H 'Idempotency-Key: ci 1'
  expect_problem 409 alice
  json POST /servers/qa3/builds "$body1" \
    -H "Idempotency-Key: $(printf 'x%.0s' $(seq 201))"
  expect_problem 400 Idempotency-Key
}

@test "eight at once with one key make one job" {
  for i in 1 2 3 4 5 6 7 8; do
    curl -sS -m 20 -u alice:alice -H 'Idempotency-Key: ci 2' \
      -H 'Content-Type: application/json' \
      -d '{"application":"site","path":"main"}' \
      -o "$BATS_TEST_TMPDIR/r$i" "$BERTH_URL/api/servers/qa4/builds" &
    pids+=($!)
  done
  wait "${pids[@]}"
  sleep 1
  json POST /servers/qa4/builds '{"application":"site","path":"main"}' \
    -H 'Idempotency-Key: ci 2'
  expect 201
  job=$(member "['job']")
  for i in 1 2 3 4 5 6 7 8; do
    grep -qE "\"job\":$job,|\"token\"" "$BATS_TEST_TMPDIR/r$i" || {
      cat "$BATS_TEST_TMPDIR/r$i" >&2
      false
    }
  done
  [ "$(grep -l "\"path\":\"main\"" "$tree"/lib/state/job/*.json |
    xargs grep -l '"server":"qa4"' | wc -l)" = 1 ]
}

# A form's "; " began another field, and its line break was refused.
@test "a note keeps its semicolons and lines from form and JSON to history" {
  local sent='a=1; then "b"
Grüße;

last' note how
  for how in form crlf json; do
    free qa1
    case $how in
      form) api PUT /servers/qa1/reservation --data-urlencode "note=$sent" ;;
      crlf) api PUT /servers/qa1/reservation \
        --data-urlencode "note=${sent//$'\n'/$'\r\n'}" ;;
      json) json PUT /servers/qa1/reservation \
        "$(jq -nc --arg note "$sent" '{$note}')" ;;
    esac
    expect 201
    [ "$(jq -r .hold.note <<<"$body")" = "$sent" ]
    api GET '/servers/qa1/history?limit=1'
    [ "$(jq -r '.lines[0].hold.note' <<<"$body")" = "$sent" ]
    shown() {
      api GET /servers/qa1
      [ "$(jq -r .hold.note <<<"$body")" = "$sent" ]
    }
    wait_until 10 shown
    # As curl's -d sends it, unescaped.
    api PUT /servers/qa1/reservation -d 'hours=1&note=x;y=z;'
    expect 200
    [ "$(jq -r .hold.note <<<"$body")" = 'x;y=z;' ]
  done
  json PUT /servers/qa1/reservation \
    "$(jq -nc --arg note "$sent" '{$note}')"
  wait_until 10 shown
  api GET /servers/qa1 -H 'Accept: text/plain'
  grep -q '^hold.note  *a=1; then "b" Grüße;  last$' <<<"$body"
}

# An emoji was four, and a page that counted it as two let a note pass.
@test "a note has five hundred characters, whatever their bytes" {
  free qa1
  local letter note
  for letter in x ü 漢 😀; do
    note=$(printf "$letter%.0s" $(seq 500))
    api PUT /servers/qa1/reservation --data-urlencode "note=$note"
    [[ "$status" =~ ^20[01]$ ]]
    [ "$(jq -r .hold.note <<<"$body")" = "$note" ]
    api PUT /servers/qa1/reservation --data-urlencode "note=$note$letter"
    expect_problem 400 '500 characters'
  done
}

@test "too much of one user's is 429, and says when to ask again" {
  local before=$(drops) i
  for i in 1 2 3; do free qa$i; done
  sed -i 's/^most_a_minute.*/most_a_minute = 2/' "$tree/etc/berth.conf"
  kill -HUP "$(pid_of runner)"
  # carol freed them, and every change of hers within the minute counts.
  limited() { json PUT /servers/qa1/reservation '{"hours":1,"take_over":true}'
    [ "$status" = 429 ]; }
  who=carol wait_until 10 limited
  who=carol json PUT /servers/qa1/reservation '{"hours":1}'
  sed -i 's/^most_a_minute.*/most_a_minute = 1000/' "$tree/etc/berth.conf"
  kill -HUP "$(pid_of runner)"
  expect_problem 429 carol most_a_minute
  [[ "$(header retry-after)" =~ ^[0-9]+$ ]]
  [ "$(header retry-after)" = "$(member "['retry_after']")" ]
  [ "$(drops)" = "$before" ]
  passes() { json PUT /servers/qa1/reservation '{"hours":1}'
    [[ "$status" =~ ^20[01]$ ]]; }
  who=carol wait_until 10 passes
  free qa1
}

@test "a submission can be looked up by its token" {
  json PUT /servers/qa1/reservation '{"hours":1}'
  token=$(member "['token']")
  api GET "/drops/$token"
  expect 200
  [ "$(member "['state']")" = accepted ]
  [ "$(member "['status']")" = 201 ]
}

@test "a job is cancelled by its owner, not by a stranger" {
  kill -STOP "$(pid_of runner)"
  json POST /servers/qa1/builds '{"application":"site","path":"main"}'
  expect 202
  token=$(member "['token']")
  kill -CONT "$(pid_of runner)"
  decided() { api GET "/drops/$token"; [ "$(member "['state']")" = accepted ]; }
  wait_until 5 decided
  job=$(member "['job']")
  who=bob api DELETE "/jobs/$job"
  # It may have failed by then: there is no guest.
  [[ "$status" =~ ^(403|409)$ ]]
  api DELETE "/jobs/$job"
  [[ "$status" =~ ^(200|202|409)$ ]]
  api DELETE /jobs/999999
  expect_problem 404
}

@test "changes need a login" {
  for change in 'PUT /servers/qa1/reservation' 'POST /servers/qa1/builds' \
    'POST /builds' 'DELETE /servers/qa1/reservation' 'DELETE /jobs/1' \
    'POST /servers/qa1/previews' 'POST /servers/qa1/checks' \
    'POST /servers/qa1/undo' 'PUT /servers/qa1/undo' \
    'POST /applications/shop/refresh'; do
    # shellcheck disable=SC2086
    who='' api $change
    expect_problem 401
  done
}

@test "a page of another site changes nothing" {
  before=$(drops)
  for header in 'Sec-Fetch-Site: cross-site' 'Sec-Fetch-Site: same-site' \
    'Sec-Fetch-Site: none' 'Origin: https://evil.example.com' 'Origin: null' \
    "Origin: http://127.0.0.1:1" "Origin: https://127.0.0.1:$port" \
    "Origin: http://127.0.0.1:$port.evil.example.com" \
    'Referer: https://evil.example.com/' 'Referer: x' \
    "Referer: https://127.0.0.1:$port/berth/" \
    "Referer: http://127.0.0.1:$port@evil.example.com/berth/"; do
    json PUT /servers/qa1/reservation '{"hours":1}' -H "$header"
    expect_problem 403
    # Where its name has been made to lead here, it is not the console's.
    json PUT /servers/qa1/reservation '{"hours":1}' -H "$header" \
      -H 'Host: evil.example.com'
    expect_problem 421 "http://127.0.0.1:$port/berth" evil.example.com
    for path in servers/qa1/undo servers/qa1/previews applications/shop/refresh; do
      who=carol json POST "/$path" '{}' -H "$header"
      expect_problem 403 console
    done
    json PUT /servers/qa1/undo '{"hours":1}' -H "$header"
    expect_problem 403 console
  done
  [ "$(drops)" = "$before" ]
  json PUT /servers/qa1/reservation '{"hours":1}' \
    -H 'Sec-Fetch-Site: same-origin' -H "Origin: http://127.0.0.1:$port" \
    -H "Referer: http://127.0.0.1:$port/berth/"
  expect 201
  # A link elsewhere leads to what it names.
  api GET /servers/qa1 -H 'Referer: https://chat.example.com/room/7' \
    -H 'Sec-Fetch-Site: cross-site'
  expect 200
}

@test "undo, keep and refresh go to berthd as they are, its word comes back" {
  stop runner
  # A heartbeat is good for ten seconds.
  next() { decide_next "$@" && beat "$$"; }
  state server/qa1.json < <(printf '%s}' "$(server_json qa1 running null \
    "$shop_on_qa1" "$undo_on_qa1")")
  # Neither a body nor a type is needed. What was published within the last
  # second may be old news, and berthd knows; here that second does not end.
  touch -d '1 hour' "$tree/lib/state/server/qa1.json"
  next 201 'job 31 undoes job 7 on qa1' '{"undoes":7}'
  api POST /servers/qa1/undo
  wait "$decider"
  expect 201
  [ "$(header location)" = /berth/api/jobs/31 ]
  [ "$(member "['undoes']")" = 7 ]
  echo "decided: $(cat $tree/decided.json)"
  [ "$(decided action) $(decided target) $(decided arguments)" = \
    '"undo" "qa1" {}' ]
  [ "$(decided user)" = '"alice"' ]
  next 201 'job 31 undoes job 7 on qa1' '{"undoes":7}'
  json POST /servers/qa1/undo '{"job":9}'
  wait "$decider"
  expect 201
  [ "$(decided arguments)" = '{"job": 9}' ]
  touch -d '1 minute ago' "$tree/lib/state/server/qa1.json"
  beat "$$"
  next 409 'nothing before it' '{"holder":"bob"}'
  json POST /servers/qa1/undo '{}'
  wait "$decider"
  expect_problem 409 'nothing before it'
  [ "$(member "['holder']")" = bob ]
  [ "$(decided arguments)" = '{"seen": 7}' ]
  next 201 'job 31 keeps it' '{"until":"2026-11-24T00:00:00Z"}'
  api PUT /servers/qa1/undo -d hours=24
  wait "$decider"
  expect 201
  [ "$(member "['until']")" = 2026-11-24T00:00:00Z ]
  [ "$(decided action) $(decided arguments)" = '"keep" {"hours": 24.0}' ]
  next 201 'job 31 refreshes shop' '{}'
  who=carol json POST /applications/shop/refresh '{"again":true}'
  wait "$decider"
  expect 201
  [ "$(header location)" = /berth/api/jobs/31 ]
  [ "$(decided action) $(decided target) $(decided arguments)" = \
    '"refresh" "shop" {"again": true}' ]
  next 503 'Berth is draining' '{}'
  who=carol api POST /applications/shop/refresh
  wait "$decider"
  expect_problem 503 draining
  [ "$(decided arguments)" = '{"again": false}' ]
  [ "$(drops)" = 0 ]
  start_runner
}

@test "a new server is for admins, and each part of the wish is checked" {
  local wish='{"server":"qa9","host":"kvm1","image":"debian12"}'
  json POST /servers "$wish"
  expect_problem 403 'only an admin'
  who=carol
  json POST /servers '{"host":"kvm1","image":"debian12"}'
  expect_problem 400 server
  json POST /servers '{"server":"qa9","host":"kvm1"}'
  expect_problem 400 image
  json POST /servers '{"server":"qa9;id","host":"kvm1","image":"debian12"}'
  expect_problem 400 'lower-case letter'
  json POST /servers "${wish%\}},\"disk\":\"5G\"}"
  expect_problem 400 disk
  json POST /servers '{"server":"qa9","host":"kvm9","image":"debian12"}'
  expect_problem 404 kvm9
  json POST /servers '{"server":"qa9","host":"kvm1","image":"../etc"}'
  expect_problem 400 image
  json POST /servers '{"server":"qa9","host":"kvm1","image":"fedora"}'
  expect_problem 404 fedora
  [[ "$body" == *'"images":["debian12"]'* ]]
  json POST /servers '{"server":"web1","host":"kvm1","image":"debian12"}'
  expect_problem 409 'no glob'
  json POST /servers '{"server":"qa1","host":"kvm1","image":"debian12"}'
  expect_problem 409 'already'
  [ "$(drops)" = 0 ]
}

# There is no guest: it fails in preflight, and that is what /preview tells.
@test "a preview needs no hold, takes none, and is read by its number" {
  who=bob json PUT /servers/qa1/reservation '{"hours":1}'
  json POST /servers/qa1/previews '{"application":"site","path":"main"}'
  expect 201
  job=$(member "['job']")
  [[ "$(member "['detail']")" == *"previews a build of site on qa1" ]]
  wait_until 10 published_hold qa1 bob
  over() { api GET "/jobs/$job/preview"; [ "$status" = 409 ]; }
  wait_until 20 over
  expect_problem 409 failed
  json POST /servers/qa2/previews \
    '{"application":"site","path":"main","release":"always"}'
  expect_problem 400 'takes no hold'
  json POST /servers/qa2/previews \
    '{"application":"site","path":"main","revert":"clean"}'
  expect_problem 400 'a preview changes nothing'
  json POST /servers/qa2/previews '{"application":"site","path":"main","x":1}'
  expect_problem 400 x
  json POST /servers/qa2/previews '{"application":"none","path":"main"}'
  expect_problem 400 none
  json POST /servers/none/previews '{"application":"site","path":"main"}'
  expect_problem 404 none
  # Its history is the application's.
  api GET /servers/qa1/history
  [[ "$body" != *preview* ]]
  api GET /applications/site/history
  [[ "$body" == *preview_failed* ]]
}

# libvirt reads its node from a pipe that nobody writes to: the new watcher hangs.
@test "a host that is asked again after HUP is worked on as before" {
  mv "$tree/etc/node.xml" "$tree/etc/node.kept"
  mkfifo "$tree/etc/node.xml"
  local before
  before=$(pgrep -P "$(pid_of runner)" -f berth-watch)
  kill -HUP "$(pid_of runner)"
  another() { [ "$(pgrep -P "$(pid_of runner)" -f berth-watch)" != "$before" ]; }
  wait_until 10 another
  json POST /servers/qa2/previews '{"application":"site","path":"main"}'
  mv "$tree/etc/node.kept" "$tree/etc/node.xml"
  expect 201
  kill -HUP "$(pid_of runner)"
  job=$(member "['job']")
  over() { api GET "/jobs/$job/preview"; [ "$status" = 409 ]; }
  wait_until 20 over
  expect_problem 409 failed
}

@test "a preview that was found is shown whole, as text the differences" {
  preview='{"version":1,"job":7,"server":"qa1","application":"shop","path":"trunk","revision":"42","generation":null,"at":"2026-11-22T08:00:00Z","pending":null,"files":[{"path":"etc/a","state":"changed","mode":"0640","owner":"root:root","text":"x","diff":"--- a/etc/a\n+++ b/etc/a\n-y\n+x\n","left_out":null},{"path":"etc/b","state":"changed","mode":null,"owner":null,"text":null,"diff":null,"left_out":"too long"}]}'
  job_json 900007 succeeded '"3 files"' | sed 's/"build"/"preview"/' |
    state job/900007.json
  api GET /jobs/900007/preview
  expect_problem 404 removed
  echo "$preview" >"$tree/log/berth/900007.preview.json"
  chgrp www-data "$tree/log/berth/900007.preview.json"
  api GET /jobs/900007/preview
  expect 200
  [ "$(member "['files'][0]['state']")" = changed ]
  tag=$(header etag)
  [ -n "$tag" ]
  api GET /jobs/900007/preview -H "If-None-Match: $tag"
  expect 304
  api GET /jobs/900007/preview -H 'Accept: text/plain'
  expect 200
  [ "$body" = "--- a/etc/a
+++ b/etc/a
-y
+x
# etc/b: changed, left out: too long" ]
  echo '{"version":2}' >"$tree/log/berth/900007.preview.json"
  api GET /jobs/900007/preview
  expect_problem 500
  job_json 900008 running null | sed 's/"build"/"preview"/' |
    state job/900008.json
  api GET /jobs/900008/preview
  expect 202
  [ "$(header retry-after)" = 1 ]
  job_json 900009 succeeded '"built"' | state job/900009.json
  api GET /jobs/900009/preview
  expect_problem 404 'not a preview'
  rm -f "$tree"/lib/state/job/90000?.json "$tree"/log/berth/900007.*
}

@test "berthd decides an undo, a keep and a refresh" {
  who=bob json PUT /servers/qa1/reservation '{"hours":1}'
  # Nothing is there, whosever the server is.
  for who in alice bob carol; do
    for server in qa1 qa2; do
      api POST /servers/$server/undo
      expect_problem 409 "$server has no configuration"
      api PUT /servers/$server/undo -d hours=2
      expect_problem 409 "$server has no configuration"
    done
  done
  for who in alice bob; do
    api POST /applications/shop/refresh -d again=true
    expect_problem 403 'only an admin'
  done
  who=carol api POST /applications/site/refresh
  expect_problem 409 'site has no database'
  who=carol api POST /applications/shop/refresh
  expect 201
  job=$(member "['job']")
  [ "$(header location)" = "/berth/api/jobs/$job" ]
  api GET "/jobs/$job"
  expect 200
  [ "$(member "['kind']")" = refresh ]
  [ "$(member "['steps'][0]['name']")" = fetch ]
  # There is no dump: it fails, and its line says so.
  over() { api GET "/jobs/$job/result"; [ "$status" = 409 ]; }
  wait_until 20 over
  api GET /applications/shop/history
  [ "$(member "['lines'][0]['event']")" = refresh_failed ]
  [ "$(member "['lines'][0]['cause']['job']")" = "$job" ]
}

# Places taken in drop/.waiters now: the kernel's own list of locks, each byte
# once, because the list may name a lock twice when it changes while it is read.
places_taken() {
  local inode
  inode=$(stat -c %i "$tree/spool/drop/.waiters" 2>/dev/null) || inode=none
  awk -v inode=":$inode" '$2 == "OFDLCK" && $0 ~ inode " " {
    if (!seen[$(NF - 1)]++) n++ } END { print n + 0 }' /proc/locks
}

@test "berthd stopped: eight writers wait or not, a read answers at once" {
  kill -STOP "$(pid_of runner)"
  local i pids=() took most=0 now
  for i in 1 2 3 4 5 6 7 8; do
    curl -sS -m 20 -u alice:alice -o "$BATS_TEST_TMPDIR/w$i" \
      -w '%{http_code} %{time_total}\n' -d "application=site&path=b$i" \
      "$BERTH_URL/api/builds" >"$BATS_TEST_TMPDIR/t$i" &
    pids+=($!)
  done
  for i in 1 2 3 4 5; do
    sleep 0.1
    now=$(places_taken)
    [ "$now" -le "$most" ] || most=$now
    took=$(curl -sS -m 20 -u alice:alice -o "$BATS_TEST_TMPDIR/r" \
      -w '%{http_code} %{time_total}' "$BERTH_URL/api/servers")
    echo "# read $i beside eight writers: $took s" >&3
    [ "${took% *}" = 200 ]
    echo "${took#* }" >>"$BATS_TEST_TMPDIR/reads"
  done
  # Half of web_processes (four) may wait.
  [ "$most" -ge 1 ]
  [ "$most" -le 2 ]
  wait "${pids[@]}"
  kill -CONT "$(pid_of runner)"
  # None of the reads took as long as who waited for berthd.
  cat "$BATS_TEST_TMPDIR"/t? | cut -d' ' -f2 | sort -n | tail -n 1 \
    >"$BATS_TEST_TMPDIR/longest"
  awk 'NR == FNR { longest = $1; next } $1 >= longest { exit 1 }' \
    "$BATS_TEST_TMPDIR/longest" "$BATS_TEST_TMPDIR/reads"
  # Every one is told 202, and none is lost.
  [ "$(cat "$BATS_TEST_TMPDIR"/t? | grep -c '^202 ')" = 8 ]
  for i in 1 2 3 4 5 6 7 8; do
    token=$(/usr/bin/python3 -c 'import json,sys
print(json.load(open(sys.argv[1]))["token"])' "$BATS_TEST_TMPDIR/w$i")
    decided() {
      api GET "/drops/$token"
      [[ "$(member "['state']")" =~ ^(accepted|refused)$ ]]
    }
    wait_until 10 decided
  done
}

@test "berthd slow: one user's flood is 429 and keeps nobody else out" {
  local before
  before=$(drops)
  kill -STOP "$(pid_of runner)"
  flood() {
    local i
    for i in $(seq 8); do
      curl -s -o /dev/null -w '%{http_code}\n' -u alice:alice -X PUT \
        -H 'Content-Type: application/json' -d '{"hours":1}' \
        "$BERTH_URL/api/servers/qa1/reservation"
    done
  }
  for _ in $(seq 8); do flood & done >"$BATS_TEST_TMPDIR/codes"
  wait
  [ "$(grep -c '^202$' "$BATS_TEST_TMPDIR/codes")" = 20 ]
  [ "$(grep -c '^429$' "$BATS_TEST_TMPDIR/codes")" = 44 ]
  [ "$(drops)" = $((before + 20)) ]
  who=bob json PUT /servers/qa2/reservation '{"hours":1}'
  expect 202
  json PUT /servers/qa3/reservation '{"hours":1}' -D "$BATS_TEST_TMPDIR/h"
  expect 429
  grep -qi '^Retry-After: 1' "$BATS_TEST_TMPDIR/h"
  kill -CONT "$(pid_of runner)"
  wait_until 10 eval '[ "$(drops)" = "$before" ]'
  json PUT /servers/qa3/reservation '{"hours":1}'
  expect 201
}

@test "berthd away: a build is kept, a hold is 503 and leaves no drop" {
  stop runner
  before=$(drops)
  json PUT /servers/qa1/reservation '{"hours":1}'
  expect_problem 503 berthd
  [ -n "$(header retry-after)" ]
  api DELETE /servers/qa1/reservation
  expect_problem 503
  [ "$(drops)" = "$before" ]
  json POST /servers/qa1/builds '{"application":"site","path":"main"}' \
    -H 'Idempotency-Key: away'
  expect 202
  token=$(member "['token']")
  [ "$(header location)" = "/berth/api/drops/$token" ]
  [ "$(drops)" = $((before + 1)) ]
  api GET "/drops/$token"
  [ "$(member "['state']")" = submitted ]
  # The same again is the same drop, another is 409.
  json POST /servers/qa1/builds '{"application":"site","path":"main"}' \
    -H 'Idempotency-Key: away'
  expect 202
  [ "$(member "['token']")" = "$token" ]
  [ "$(drops)" = $((before + 1)) ]
  json POST /servers/qa1/builds '{"application":"site","path":"other"}' \
    -H 'Idempotency-Key: away'
  expect_problem 409 Idempotency-Key
  api GET /servers
  expect 200
  [ "$(header x-berth-runner)" = away ]
  start_runner
  json POST /servers/qa1/builds '{"application":"site","path":"main"}' \
    -H 'Idempotency-Key: away'
  [[ "$status" =~ ^(201|409)$ ]]
  [ "$(member "['token']" 2>/dev/null || echo "$token")" = "$token" ]
}

@test "berthd away: undo, keep and refresh are kept as a build is" {
  stop runner
  before=$(drops)
  state server/qa1.json < <(printf '%s}' "$(server_json qa1 running null \
    "$shop_on_qa1" "$undo_on_qa1")")
  api POST /servers/qa1/undo -H 'Idempotency-Key: undo away'
  expect 202
  token=$(member "['token']")
  [ "$(header location)" = "/berth/api/drops/$token" ]
  # Whatever is built until berthd is back, this is what was meant; and it is
  # the same request when the state has changed.
  [ "$(jq -c .arguments "$tree/spool/drop/$token.json")" = '{"seen":7}' ]
  state server/qa1.json < <(printf '%s}' "$(server_json qa1 running null \
    "$shop_on_qa1" "${undo_on_qa1/\"job\":7/\"job\":8}")")
  api POST /servers/qa1/undo -H 'Idempotency-Key: undo away'
  expect 202
  [ "$(member "['token']")" = "$token" ]
  api PUT /servers/qa1/undo -d hours=1
  expect 202
  who=carol api POST /applications/shop/refresh
  expect 202
  [ "$(drops)" = $((before + 3)) ]
  start_runner
}

@test "berthd away: what it will refuse is kept, refused and shown then" {
  who=bob json PUT /servers/qa1/reservation '{"hours":1}'
  expect 201
  stop runner
  local asked=(
    '404 /servers/qa9/builds {"application":"site","path":"main"}'
    '400 /servers/qa2/builds {"application":"nothing","path":"main"}'
    '403 /servers/qa4/builds {"application":"shop","path":"trunk"}'
    '409 /servers/qa1/builds {"application":"shop","path":"trunk"}'
    '409 /servers/qa2/undo {}'
    '403 /applications/shop/refresh {}'
    '403 /servers {"server":"qa9","host":"kvm1","image":"debian12"}'
  ) tokens=() i
  for i in "${!asked[@]}"; do
    read -r _ path sent <<<"${asked[i]}"
    json POST "$path" "$sent"
    expect 202
    tokens[i]=$(member "['token']")
    [ "$(header location)" = "/berth/api/drops/${tokens[i]}" ]
  done
  # How a request is written is checked now.
  json POST /servers/qa1/builds '{"application":"shop","path":"../x"}'
  expect_problem 400 path
  start_runner
  for i in "${!asked[@]}"; do
    refused() {
      api GET "/drops/${tokens[i]}"
      [ "$(member "['state']")" = refused ]
    }
    wait_until 10 refused
    [ "$(member "['status']")" = "${asked[i]%% *}" ]
    [ "$(member "['job']")" = None ]
  done
  # As the reply would have had it.
  api GET "/drops/${tokens[3]}"
  [[ "$(member "['detail']")" == 'qa1 is held by bob until '* ]]
  [ "$(member "['holder']")" = bob ]
  [ "$(member "['free']")" = '["qa2", "qa3"]' ]
}

@test "a killed berth.fcgi leaves no place taken and no half a drop" {
  kill -STOP "$(pid_of runner)"
  local pids=() i
  for i in 1 2 3 4; do
    curl -s -m 10 -u alice:alice -o "$BATS_TEST_TMPDIR/k$i" \
      -d "application=site&path=k$i" "$BERTH_URL/api/builds" &
    pids+=($!)
  done
  sleep 0.5
  # Ours alone: children of this Apache or of this multiwatch.
  local parent pid
  for parent in $(pid_of apache) $(pgrep -P "$(pid_of apache)") \
    $(pid_of program 2>/dev/null); do
    for pid in $(pgrep -P "$parent" -f 'berth\.fcgi( changes)?$'); do
      kill -KILL "$pid"
    done
  done
  wait "${pids[@]}" || true
  kill -CONT "$(pid_of runner)"
  sleep 1
  local answered
  answered() { api GET /servers && [ "$status" = 200 ]; }
  wait_until 15 answered
  # A writer may wait again: the places came back with the processes' death.
  for s in qa1 qa2 qa3 qa4; do free $s; done
  json PUT /servers/qa1/reservation '{"hours":1}'
  expect 201
  for file in "$tree"/spool/drop/*.json; do
    [ -e "$file" ] || continue
    /usr/bin/python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$file"
  done
}
