#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034,SC2016
# What GET answers, from state, history and log files alone: no berthd, no
# libvirt and no PostgreSQL runs here.
load ../lib/console
load ../lib/published

setup_file() {
  make_tree
  write_config
  publish_all
  start_apache
}
teardown_file() { stop_all; }

@test "the list of servers goes out as it was published" {
  api GET /servers
  expect 200
  [ "$(header content-type)" = application/json ]
  [ "$(member "['servers'][0]['hold']['user']")" = bob ]
  [ "$(sed 1d "$tree/lib/state/servers.json")" = "$body" ]
}

@test "one server, and 404 for one that is not there" {
  api GET /servers/qa1
  expect 200
  [ "$(member "['configuration']['revision']")" = 42 ]
  api GET /servers/qa99
  expect_problem 404 "no server 'qa99'"
}

@test "every GET has an ETag and answers 304 to it" {
  for path in /servers /servers/qa1 /servers/qa1/history /jobs /jobs/9 \
    /jobs/9/log /jobs/7/result /applications /applications/shop/paths \
    /applications/shop/history \
    /hosts /clusters /queue /me /health; do
    api GET "$path"
    expect 200
    tag=$(header etag)
    [ -n "$tag" ] || { echo "$path has no ETag" >&2; false; }
    api GET "$path" -H "If-None-Match: $tag"
    expect 304
    [ ! -s "$BATS_TEST_TMPDIR/body" ]
    api GET "$path" -H "If-None-Match: \"other\", W/$tag"
    expect 304
    api GET "$path" -H 'If-None-Match: "other"'
    expect 200
  done
}

@test "hosts tell which domains are skipped and what cannot be shown" {
  api GET /hosts
  [ "$(member "['hosts'][0]['skipped'][0]['domain']")" = "qa 1" ]
  api GET /hosts -H 'Accept: text/plain'
  expect 200
  grep -q 'SKIPPED .*PROBLEMS' "$BATS_TEST_TMPDIR/body"
  grep -q 'qa 1:not a server name .*domain qa1: snapshot x: no time' \
    "$BATS_TEST_TMPDIR/body"
}

@test "a changed resource has another ETag" {
  api GET /queue
  tag=$(header etag)
  echo '{"as_of":"2026-11-22T20:00:01Z","jobs":[]}' | state queue.json
  api GET /queue -H "If-None-Match: $tag"
  expect 200
  [ "$(header etag)" != "$tag" ]
}

@test "text/plain gives an aligned table with an ETag of its own" {
  api GET /servers
  tag=$(header etag)
  api GET /servers -H 'Accept: text/plain'
  expect 200
  [ "$(header content-type)" = "text/plain; charset=utf-8" ]
  [ "$(header etag)" != "$tag" ]
  [[ "$body" == SERVER*STATE*HOST*HOLDER* ]]
  # Columns start where their titles do.
  column=$(head -n1 <<<"$body" | grep -bo HOLDER | cut -d: -f1)
  [ "$(sed -n 2p <<<"$body" | cut -c$((column + 1))-$((column + 3)))" = bob ]
  [ "$(sed -n 3p <<<"$body" | cut -c$((column + 1)))" = - ]
}

@test "JSON is the default, also for browsers and curl" {
  for accept in '*/*' 'application/json' 'text/html,*/*;q=0.8' \
    'text/plain;q=0.1, application/json'; do
    api GET /servers -H "Accept: $accept"
    [ "$(header content-type)" = application/json ]
  done
}

@test "HEAD answers like GET without a body" {
  api GET /servers
  tag=$(header etag)
  api HEAD /servers --head
  expect 200
  [ "$(header etag)" = "$tag" ]
}

@test "history is newest first, in pages" {
  api GET '/servers/qa1/history?limit=2'
  expect 200
  [ "$(member "['lines'][0]['seq']")" = 60 ]
  [ "$(member "['lines'][1]['seq']")" = 59 ]
  [ "$(member "['before']")" = 59 ]
  api GET '/servers/qa1/history?limit=2&before=59'
  [ "$(member "['lines'][0]['seq']")" = 58 ]
  api GET '/servers/qa1/history?limit=500'
  [ "$(member "['before']")" = None ]
  api GET /servers/qa1/history
  [ "$(/usr/bin/python3 -c 'import json,sys
print(len(json.load(open(sys.argv[1]))["lines"]))' \
    "$BATS_TEST_TMPDIR/body")" = 50 ]
  api GET /servers/qa2/history
  expect 200
  [ "$(member "['lines']")" = "[]" ]
  api GET /servers/qa77/history
  expect_problem 404
  for bad in limit=0 limit=501 limit=-1 limit=x limit=1e3 before=0 before= \
    limit=99999999999999999999; do
    api GET "/servers/qa1/history?$bad"
    expect_problem 400 "${bad%%=*}"
    [ "$(member "['member']")" = "${bad%%=*}" ]
  done
}

@test "a line of history that cannot be read hides no other" {
  cp "$tree/lib/history/qa1.jsonl" "$BATS_TEST_TMPDIR/kept"
  printf '%s\n' '{"seq":9001,"at":}' '{"seq":9002,"x":{"y":1}}' rubbish \
    >>"$tree/lib/history/qa1.jsonl"
  api GET '/servers/qa1/history?limit=3'
  expect 200
  [ "$(member "['lines'][0]['seq']")" = 9002 ]
  [ "$(member "['lines'][1]['event']")" = unreadable ]
  [[ "$(member "['lines'][1]['detail']")" == *'cannot be read'* ]]
  [ "$(member "['lines'][2]['seq']")" -lt 9000 ]
  [ "$(member "['lines'][2]['event']")" != unreadable ]
  api GET '/servers/qa1/history?limit=3' -H 'Accept: text/plain'
  expect 200
  cp "$BATS_TEST_TMPDIR/kept" "$tree/lib/history/qa1.jsonl"
}

@test "an application's history has its refreshes, with the step that failed" {
  api GET '/applications/shop/history?limit=1'
  expect 200
  [ "$(member "['application']")" = shop ]
  [ "$(member "['lines'][0]['event']")" = refresh_failed ]
  [ "$(member "['before']")" = 2 ]
  api GET '/applications/shop/history?before=2'
  [ "$(member "['lines'][0]['event']")" = refreshed ]
  [ "$(member "['before']")" = None ]
  api GET /applications/shop/history -H 'Accept: text/plain'
  [[ "$body" == *"refresh_failed  root  6    assert     20-emails"* ]]
  # Known but never refreshed, and not known at all.
  api GET /applications/site/history
  expect 200
  [ "$(member "['lines']")" = "[]" ]
  api GET /applications/nothing/history
  expect_problem 404 "no application 'nothing'"
  api GET '/applications/shop/history?limit=0'
  expect_problem 400 limit
  # A server's history and an application's are two things.
  api GET /servers/shop/history
  expect_problem 404
  api GET /applications/qa1/history
  expect_problem 404
}

@test "how fresh the data is stands in the tables of applications, clusters" {
  api GET /applications -H 'Accept: text/plain'
  expect 200
  local row=${body#*$'\n'}
  for word in 20261122024100 2026-11-22T02:00:00Z '2       3' failed \
    '20-emails.assert.sql: 3 rows'; do
    [[ "$row" == *"$word"* ]] || { echo "no $word in $row" >&2; false; }
  done
  api GET /clusters -H 'Accept: text/plain'
  expect 200
  [[ "$body" == *"shop:20261122024100:2"* ]]
  # The orphan's name alone; the sentence about it is in the JSON.
  [[ "$body" == *" berth_00000000_b_shop_20200101000000 "* ]]
  [[ "$body" != *marker* ]]
  api GET /servers/qa1 -H 'Accept: text/plain'
  [[ "$body" == *"undo.configuration.data_at"*"2026-11-21T02:00:00Z"* ]]
}

@test "an unfinished last line of a history is not shown" {
  printf '{"seq":61,"at":"2026' >>"$tree/lib/history/qa1.jsonl"
  api GET '/servers/qa1/history?limit=1'
  [ "$(member "['lines'][0]['seq']")" = 60 ]
}

@test "jobs can be filtered by state" {
  api GET '/jobs?state=failed'
  expect 200
  [ "$(member "['jobs'][0]['id']")" = 8 ]
  [ "$(/usr/bin/python3 -c 'import json,sys
print(len(json.load(open(sys.argv[1]))["jobs"]))' \
    "$BATS_TEST_TMPDIR/body")" = 1 ]
  api GET '/jobs?state=nonsense'
  expect_problem 400 succeeded
}

@test "a job's result is its status code, for curl -f" {
  api GET /jobs/7/result
  expect 200
  [ "$(member "['url']")" = http://qa1.example.com/ ]
  api GET /jobs/9/result
  expect 202
  api GET /jobs/8/result
  expect_problem 409 "no such revision"
  [ "$(member "['state']")" = failed ]
  api GET /jobs/77/result
  expect_problem 404
}

@test "an accepted job is shown before it is published" {
  cat >"$tree/spool/queue/12.json" <<'EOS'
{"version":1,"id":12,"kind":"build","server":"qa2","application":"shop","user":"alice","token":"00000000000000000000000000000012","created_at":"2026-11-22T20:00:00Z","arguments":{"application":"shop","path":"trunk","revision":"","database":"none","checkout":true,"note":"","release":"never"},"attempt":1,"cancel":null,"started":null}
EOS
  chmod 0640 "$tree/spool/queue/12.json"
  api GET /jobs/12
  expect 200
  [ "$(member "['state']")" = queued ]
  [ "$(member "['steps'][0]['state']")" = waiting ]
  api GET /jobs/12/result
  expect 202
  api GET /jobs/12/log
  expect 200
  [ -z "$body" ]
  [ "$(header x-berth-finished)" = false ]
}

@test "a log is read by byte offset and never splits a character" {
  api GET /jobs/9/log
  expect 200
  [ "$(header content-type)" = "text/plain; charset=utf-8" ]
  size=$(stat -c %s "$tree/log/berth/9.log")
  [ "$(header x-berth-next)" = "$size" ]
  [ "$(header x-berth-finished)" = false ]
  api GET "/jobs/9/log?from=$size"
  expect 200
  [ -z "$body" ]
  # The first half of an "ö" waits for the other half.
  printf 'more \xc3' >>"$tree/log/berth/9.log"
  api GET "/jobs/9/log?from=$size"
  [ "$body" = "more " ]
  next=$(header x-berth-next)
  [ "$next" = $((size + 5)) ]
  printf '\xb6\n' >>"$tree/log/berth/9.log"
  api GET "/jobs/9/log?from=$next"
  [ "$body" = ö ]
  [ "$(header x-berth-next)" = "$(stat -c %s "$tree/log/berth/9.log")" ]
}

@test "the log of an ended job is finished, torn last character or not" {
  api GET /jobs/7/log
  expect 200
  [ "$(header x-berth-finished)" = true ]
  [ "$(header x-berth-next)" = "$(stat -c %s "$tree/log/berth/7.log")" ]
}

@test "a log comes in pieces of 256 KiB that join to the whole" {
  yes 'zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich' |
    head -c 700001 >"$tree/log/berth/8.log"
  chmod 0640 "$tree/log/berth/8.log"
  next=0 pieces=0
  : >"$BATS_TEST_TMPDIR/whole"
  while :; do
    api GET "/jobs/8/log?from=$next"
    expect 200
    [ "$(stat -c %s "$BATS_TEST_TMPDIR/body")" -le 262144 ]
    iconv -f utf-8 -t utf-8 "$BATS_TEST_TMPDIR/body" >/dev/null || [ "$(header x-berth-finished)" = true ]
    cat "$BATS_TEST_TMPDIR/body" >>"$BATS_TEST_TMPDIR/whole"
    next=$(header x-berth-next) pieces=$((pieces + 1))
    [ "$(header x-berth-finished)" = true ] && break
    [ "$pieces" -lt 9 ]
  done
  [ "$pieces" = 3 ]
  cmp "$BATS_TEST_TMPDIR/whole" "$tree/log/berth/8.log"
}

@test "an offset behind the end of a log, or none, is refused" {
  api GET '/jobs/7/log?from=1000'
  expect_problem 416 bytes
  for bad in -1 x 1.5 '' 99999999999999999999 0x10 '1%00'; do
    api GET "/jobs/7/log?from=$bad"
    expect_problem 400 from
  done
}

@test "a log that is a link is not followed" {
  ln -s /etc/passwd "$tree/log/berth/12.log"
  api GET /jobs/12/log
  [ "$status" != 200 ]
  [[ "$body" != *root:* ]]
  rm "$tree/log/berth/12.log"
}

@test "paths are filtered by prefix and capped" {
  api GET '/applications/shop/paths?prefix=tr'
  expect 200
  [ "$(member "['paths'][0]['path']")" = trunk ]
  [ "$(member "['truncated']")" = false ]
  api GET '/applications/shop/paths?prefix=branches/'
  [ "$(member "['truncated']")" = true ]
  api GET '/applications/shop/paths?prefix=branches%2Fb300'
  [ "$(member "['paths'][0]['revision']")" = 300 ]
  api GET /applications/site/paths
  expect 200
  [ "$(member "['paths']")" = "[]" ]
  api GET /applications/nothing/paths
  expect_problem 404
}

@test "me: the login, mapped once" {
  api GET /me
  [ "$(member "['user']")" = alice ]
  [ "$(member "['admin']")" = false ]
  [ "$(member "['default_hold_hours']")" = 8 ]
  who=carol api GET /me
  [ "$(member "['admin']")" = true ]
  who=Alice@EXAMPLE.COM api GET /me
  [ "$(member "['user']")" = alice ]
  who='EXAMPLE\Carol' api GET /me
  [ "$(member "['user']")" = carol ]
  # An admin's name in a realm of somebody else's.
  who=carol@OTHER.ORG api GET /me
  expect_problem 403 OTHER.ORG EXAMPLE.COM
  who='no user' api GET /me
  expect_problem 403 "user name"
  who='' api GET /me
  expect_problem 401
}

@test "health and every reply say when berthd is away" {
  api GET /health
  expect 200
  [ "$(member "['runner']")" = away ]
  api GET /servers
  [ "$(header x-berth-runner)" = away ]
}

@test "a 304 means that berthd, too, is as it was" {
  beat
  sleep 0.4
  api GET /servers
  tag=$(header etag)
  [ "$(header x-berth-runner)" = up ]
  api GET /servers -H "If-None-Match: $tag"
  expect 304
  rm "$tree/lib/state/health.json"
  sleep 0.4
  api GET /servers -H "If-None-Match: $tag"
  expect 200
  [ "$(header x-berth-runner)" = away ]
}

@test "a dead berthd is known at once, an old heartbeat after ten seconds" {
  sleep 60 &
  local pid=$!
  beat "$pid"
  api GET /health
  [ "$(member "['runner']")" = up ]
  kill "$pid"
  wait "$pid" || true
  api GET /health
  [ "$(member "['runner']")" = away ]
  [[ "$(member "['detail']")" == *"not running"* ]]
  printf '{"as_of":"%s","runner":"up","pid":%s,"start_time":%s}' \
    "$(date -u -d '15 seconds ago' +%Y-%m-%dT%H:%M:%SZ)" $$ \
    "$(cut -d' ' -f22 /proc/$$/stat)" | state health.json
  api GET /health
  [ "$(member "['runner']")" = away ]
  rm "$tree/lib/state/health.json"
}

@test "a submission that nobody knows is 404" {
  api GET /drops/00000000000000000000000000000000
  expect_problem 404
  api GET /drops/0000
  expect_problem 404
}

@test "nothing published yet is 503, not an empty list" {
  mv "$tree/lib/state/hosts.json" "$tree/lib/state/hosts.away"
  api GET /hosts
  mv "$tree/lib/state/hosts.away" "$tree/lib/state/hosts.json"
  expect_problem 503 berthd
  [ -n "$(header retry-after)" ]
}

@test "a state file that is not whole is nobody's answer" {
  printf '00000000000000000000000000000000 999\n{"as_of"' \
    >"$tree/lib/state/clusters.json"
  api GET /clusters
  expect_problem 503
}

@test "a bad config keeps the old one, a good one is taken up" {
  sed -i 's/^title = .*/title = "changed"/' "$tree/etc/berth.conf"
  sleep 2.1
  api GET /me
  [ "$(member "['title']")" = changed ]
  cp "$tree/etc/berth.conf" "$tree/etc/good"
  # The second once ended every process that read it.
  for bad in 'nonsense = 1' '['; do
    echo "$bad" >>"$tree/etc/berth.conf"
    sleep 2.1
    for _ in 1 2 3 4; do
      api GET /me
      expect 200
      # Whichever it read last: which process answers is Apache's choice.
      [[ "$(member "['title']")" =~ ^(changed|Tests)$ ]]
    done
  done
  cp "$tree/etc/good" "$tree/etc/berth.conf"
  # A folder that the program may not enter once made every request a 500.
  install -d -m 0700 "$tree/etc/conf.d"
  sleep 2.1
  for _ in 1 2 3 4; do
    api GET /me
    expect 200
  done
  rmdir "$tree/etc/conf.d"
}

@test "the page, its libraries and a strict policy come from Apache" {
  local page
  page=$(curl -sS -u alice:alice -D "$BATS_TEST_TMPDIR/h" "$BERTH_URL/")
  [[ "$page" == *'<html'* ]]
  grep -qi "^content-security-policy: default-src 'none'; script-src 'self'" \
    "$BATS_TEST_TMPDIR/h"
  grep -qi '^x-content-type-options: nosniff' "$BATS_TEST_TMPDIR/h"
  grep -qi '^referrer-policy: ' "$BATS_TEST_TMPDIR/h"
  grep -qi '^cache-control: no-cache' "$BATS_TEST_TMPDIR/h"
  curl -sSf -u alice:alice -o /dev/null -D "$BATS_TEST_TMPDIR/h" \
    "$BERTH_URL/lib/backbone/backbone.min.js"
  grep -qi '^cache-control: max-age=3600' "$BATS_TEST_TMPDIR/h"
  [ "$(curl -s -u alice:alice -o /dev/null -w '%{http_code}' \
    "$BERTH_URL/js/")" = 403 ]
}

@test "a page without a login is 401 before anything is read" {
  [ "$(curl -s -o /dev/null -w '%{http_code}' "$BERTH_URL/")" = 401 ]
  who='' api GET /servers
  expect_problem 401
}
