#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034,SC2016
# What nobody should send. Nothing of it may reach the spool; all of it is
# answered with a problem document that says what is wrong.
load ../lib/console
load ../lib/published

setup_file() {
  make_tree
  write_config
  publish_all
  # Any living process passes for berthd here: nothing gets as far as a drop.
  beat "$$"
  start_apache
}
teardown_file() { stop_all; }
teardown() {
  # Whatever the test was: no drop, not even half a one.
  [ -z "$(find "$tree/spool/drop" -mindepth 1 ! -name .waiters ! -name '.undecided-*')" ]
}

post_build() { json POST /servers/qa2/builds "$1"; }

@test "unknown paths are 404" {
  for path in /nothing /servers/ /servers/QA1 /servers/qa1/nothing \
    /servers/qa1/history/x /jobs/0 /jobs/-1 /jobs/01 /jobs/1e3 /jobs/7x \
    /jobs/7/log/x /jobs/99999999999999999999 /drops/x /applications/SHOP/paths \
    '/servers/qa1%0ax' '/servers/%C0%AF' '/servers/qa1;x' '/servers/qa1%20' \
    "/servers/$(printf 'a%.0s' $(seq 4000))" /health/ //; do
    api GET "$path"
    expect_problem 404 'there is no' || expect_problem 404 'there is nothing'
  done
}

@test "a path cannot leave the API, however it is written" {
  for path in /servers/%2e%2e/%2e%2e/health '/servers/..%2f..%2fetc' \
    '/servers/%00' '/jobs/..%2f7' '/jobs/%2e%2e/health' \
    '/applications/..%5c..%5cx/paths' '/servers/%252e%252e'; do
    api GET "$path"
    [[ "$status" =~ ^(400|404)$ ]] || {
      # Apache folds dots before it asks us: then it is another address.
      [ "$status" = 200 ] && [ "$path" = /jobs/%2e%2e/health ]
    }
    [[ "$body" != *root:* ]]
  done
}

@test "a wrong method is 405 with Allow" {
  api DELETE /servers
  expect_problem 405 DELETE
  [ "$(header allow)" = "GET, HEAD, POST" ]
  api PATCH /servers/qa1/reservation
  expect_problem 405
  [ "$(header allow)" = "DELETE, PUT" ]
  api GET /servers/qa1/builds
  expect_problem 405
  [ "$(header allow)" = POST ]
  api POST /jobs/7 -d x=1
  expect_problem 405
  [ "$(header allow)" = "DELETE, GET, HEAD" ]
  api OPTIONS /servers
  expect_problem 405
  api NONSENSE /servers
  [[ "$status" =~ ^(405|501)$ ]]
}

@test "a wrong type is 415" {
  for type in text/plain application/xml multipart/form-data \
    'application/jsonx' ''; do
    api PUT /servers/qa2/reservation -H "Content-Type: $type" -d '{"hours":1}'
    expect_problem 415 application/json
  done
  # Parameters and capitals do not matter.
  api PUT /servers/qa2/reservation \
    -H 'Content-Type: Application/JSON; charset=utf-8' -d '{"hours":0}'
  expect_problem 400 hours
}

@test "an empty body is refused" {
  for type in application/json application/x-www-form-urlencoded; do
    api POST /servers/qa2/builds -H "Content-Type: $type" -d ''
    expect_problem 400 empty
    api PUT /servers/qa2/reservation -H "Content-Type: $type"
    expect_problem 400 empty
  done
}

@test "a body where none belongs is refused" {
  api DELETE /servers/qa2/reservation -d x=1
  expect_problem 400 body
  api GET /servers -H 'Content-Type: application/json' -d '{}'
  expect_problem 400 body
}

@test "bad JSON is told with its offset" {
  post_build '{"application":"shop",}'
  expect_problem 400 'not JSON'
  [ "$(member "['offset']")" = 22 ]
  post_build '{"application":"shop"'
  expect_problem 400 'not JSON'
  post_build '{"application":"shop"} x'
  expect_problem 400 extra
  [ "$(member "['offset']")" = 23 ]
  printf '{"application":"sh\xff"}' >"$BATS_TEST_TMPDIR/sent"
  api POST /servers/qa2/builds -H 'Content-Type: application/json' \
    --data-binary @"$BATS_TEST_TMPDIR/sent"
  expect_problem 400 'not JSON'
  printf '{"application":"shop\0"}' >"$BATS_TEST_TMPDIR/sent"
  api POST /servers/qa2/builds -H 'Content-Type: application/json' \
    --data-binary @"$BATS_TEST_TMPDIR/sent"
  expect_problem 400 'not JSON'
}

@test "every cut of a good body is refused" {
  local good='{"application":"shop","path":"trunk","database":"none"}' i
  for i in $(seq 1 $((${#good} - 1))); do
    post_build "${good:0:i}"
    expect_problem 400
  done
}

@test "what is JSON but no object of known members is refused by name" {
  for body in '[]' '1' 'null' '"x"' 'true'; do
    post_build "$body"
    expect_problem 400 object
  done
  post_build '{"application":"shop","path":"trunk","shell":"rm"}'
  expect_problem 400 shell
  [ "$(member "['member']")" = shell ]
  post_build '{"application":"shop","path":"trunk","token":"x"}'
  expect_problem 400 token
  json PUT /servers/qa2/reservation '{"hours":1,"user":"carol"}'
  expect_problem 400 user
  api PUT /servers/qa2/reservation -d hours=1 -d user=carol
  expect_problem 400 user
}

@test "a member given twice is refused" {
  post_build '{"application":"shop","path":"trunk","path":"x"}'
  expect_problem 400 twice
  api POST /servers/qa2/builds -d application=shop -d path=a -d path=b
  expect_problem 400 twice
}

@test "deep, huge and infinite JSON is refused" {
  post_build "$(printf '[%.0s' $(seq 3000))"
  expect_problem 400 JSON
  post_build "{\"application\":$(printf '[%.0s' $(seq 40))$(printf ']%.0s' $(seq 40))}"
  expect_problem 400
  json PUT /servers/qa2/reservation '{"hours":1e400}'
  expect_problem 400
  json PUT /servers/qa2/reservation '{"hours":-1e400}'
  expect_problem 400
}

@test "wrong types are refused by name" {
  for hours in '"1"' true '[]' '{}' 0 -1 -0.0; do
    json PUT /servers/qa2/reservation "{\"hours\":$hours}"
    expect_problem 400 hours
    [ "$(member "['member']")" = hours ]
  done
  for hours in x 1h 0x10 nan inf -inf 1e999 '1 ' '' -1; do
    api PUT /servers/qa2/reservation -d "hours=$hours"
    expect_problem 400 hours
  done
  post_build '{"application":1,"path":"trunk"}'
  expect_problem 400 application
  post_build '{"application":"shop","path":["trunk"]}'
  expect_problem 400 path
  post_build '{"application":"shop","path":"trunk","checkout":"yes"}'
  expect_problem 400 checkout
  post_build '{"application":"shop","path":"trunk","checkout":1}'
  expect_problem 400 checkout
  api POST /servers/qa2/builds -d application=shop -d path=x -d checkout=maybe
  expect_problem 400 checkout
}

@test "undo, keep and refresh take what they know, of its type" {
  for sent in '{"seen":7}' '{"database":true}' '{"previous":{}}' \
    '{"hours":1}' '{"x":1}'; do
    json POST /servers/qa1/undo "$sent"
    expect_problem 400 'unknown member' 'known members: job'
  done
  for job in x 0 -7 7.5 1e15 nan ''; do
    api POST /servers/qa1/undo -d "job=$job"
    expect_problem 400 "'job'"
  done
  json POST /servers/qa1/undo '{"job":"7"}'
  expect_problem 400 "'job'"
  for sent in '[]' 1 null '"x"'; do
    json POST /servers/qa1/undo "$sent"
    expect_problem 400 object
    json PUT /servers/qa1/undo "$sent"
    expect_problem 400 object
    who=carol json POST /applications/shop/refresh "$sent"
    expect_problem 400 object
  done
  json POST /servers/qa1/undo '{"a":'
  expect_problem 400 'not JSON'
  api POST /servers/qa1/undo -H 'Content-Type: text/plain' -d x
  expect_problem 415 text/plain
  for hours in '"1"' true '[]' 0 -1 1e400 8785; do
    json PUT /servers/qa1/undo "{\"hours\":$hours}"
    expect_problem 400
    [[ "$body" == *hours* || "$body" == *JSON* ]]
  done
  for hours in x 1h nan inf -1 0 '' 9e9; do
    api PUT /servers/qa1/undo -d "hours=$hours"
    expect_problem 400 hours
    [ "$(member "['member']")" = hours ]
  done
  json PUT /servers/qa1/undo '{}'
  expect_problem 400 hours
  api PUT /servers/qa1/undo
  expect_problem 400 empty
  json PUT /servers/qa1/undo '{"hours":1,"job":7}'
  expect_problem 400 "'job'"
  for again in '"yes"' 1 '{}'; do
    who=carol json POST /applications/shop/refresh "{\"again\":$again}"
    expect_problem 400 again
    [ "$(member "['member']")" = again ]
  done
  who=carol json POST /applications/shop/refresh '{"dump":"/etc/passwd"}'
  expect_problem 400 dump
  who=carol api POST /applications/shop/refresh -d again=perhaps
  expect_problem 400 again
}

@test "undo, keep and refresh have their methods and no query" {
  api GET /servers/qa1/undo
  expect_problem 405
  [ "$(header allow)" = "POST, PUT" ]
  api DELETE /servers/qa1/undo
  expect_problem 405
  api GET /applications/shop/refresh
  expect_problem 405
  [ "$(header allow)" = POST ]
  who=carol api POST /applications/SHOP/refresh
  expect_problem 404
  api POST '/servers/qa1/undo?job=7'
  expect_problem 400 job
  who=carol api POST '/applications/shop/refresh?again=true'
  expect_problem 400 again
}

@test "a path that leaves the repository, or could be an option, is refused" {
  for path in ../other trunk/../../x /trunk trunk/ . .. trunk//x -r trunk@HEAD \
    'a\\b' 'a\u0000b' 'a\nb' 'a\u007fb' 'a\u0085b' '' \
    "$(printf 'x%.0s' $(seq 256))"; do
    post_build "{\"application\":\"shop\",\"path\":\"$path\"}"
    expect_problem 400 path
    [ "$(member "['member']")" = path ]
  done
  for path in 'a b' 'a~1' 'a^' 'a:b' 'a?b' 'a*' 'a[b' x.lock; do
    post_build "{\"application\":\"site\",\"path\":\"$path\"}"
    expect_problem 400 path
  done
}

@test "revisions, databases, notes and applications that are none" {
  for r in BASE -1 1.5 '12;ls' '$(id)' 12345678901 deadbeef rr1 r; do
    post_build "{\"application\":\"shop\",\"path\":\"trunk\",\"revision\":\"$r\"}"
    expect_problem 400 'must be a revision number such as 34 or r34'
  done
  for r in '{2026-01-01}' 2026-01-01; do
    post_build "{\"application\":\"shop\",\"path\":\"trunk\",\"revision\":\"$r\"}"
    expect_problem 400 'must not be a date; give a revision number'
  done
  for r in HEAD main dead -c core.pager= DEADBEEG0; do
    post_build "{\"application\":\"site\",\"path\":\"main\",\"revision\":\"$r\"}"
    expect_problem 400 revision
  done
  post_build '{"application":"shop","path":"trunk","revision":-5}'
  expect_problem 400 revision
  for d in yes postgres 2026 '20261399999999' 'newest;'; do
    post_build "{\"application\":\"shop\",\"path\":\"trunk\",\"database\":\"$d\"}"
    expect_problem 400 database
  done
  post_build '{"application":"shop","path":"trunk","database":"none","checkout":false}'
  expect_problem 400 'nothing to do'
  post_build '{"application":"shop","database":"newest","checkout":true}'
  expect_problem 400 'path: is missing'
  post_build '{"application":"shop","path":"trunk","database":"newest","checkout":0}'
  expect_problem 400 checkout
  post_build "{\"application\":\"shop\",\"path\":\"trunk\",\"note\":\"$(
    printf 'x%.0s' $(seq 501))\"}"
  expect_problem 400 note
  post_build '{"application":"shop","path":"trunk","note":"a\u0007b"}'
  expect_problem 400 note
  for a in SHOP '../shop' ''; do
    post_build "{\"application\":\"$a\",\"path\":\"trunk\"}"
    expect_problem 400 application
  done
  post_build '{"path":"trunk"}'
  expect_problem 400 application
  post_build '{"application":"shop","path":"trunk","release":"now"}'
  expect_problem 400 release
}

@test "a body of 64 KiB is read, one byte more is 413, by its length or not" {
  local n
  for n in 65537 65600 98304 98305 131072 131073 200000 1048577 5000000; do
    head -c "$n" /dev/zero | tr '\0' ' ' >"$BATS_TEST_TMPDIR/big"
    api POST /builds -H 'Content-Type: application/json' \
      --data-binary @"$BATS_TEST_TMPDIR/big"
    expect_problem 413 '64 KiB'
    api POST /builds -H 'Content-Type: application/json' \
      -H 'Transfer-Encoding: chunked' --data-binary @"$BATS_TEST_TMPDIR/big"
    if [ "$variant" = proxy ]; then
      expect_problem 411 Content-Length
    else
      expect_problem 413 '64 KiB'
    fi
  done
  head -c 65536 /dev/zero | tr '\0' ' ' >"$BATS_TEST_TMPDIR/big"
  for how in '' 'Transfer-Encoding: chunked'; do
    api POST /builds -H 'Content-Type: application/json' \
      ${how:+-H "$how"} --data-binary @"$BATS_TEST_TMPDIR/big"
    if [ "$variant" = proxy ] && [ -n "$how" ]; then
      expect_problem 411 Content-Length
    else
      expect_problem 400 'not JSON'
    fi
  done
}

@test "a length that is none, or a lie, is no way in" {
  raw() { # HEADERS BODY: the first line of the answer
    /usr/bin/python3 - "$port" "$1" "$2" <<'EOS'
import base64, socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
login = base64.b64encode(b"alice:alice").decode()
head = ("POST /berth/api/builds HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{sys.argv[1]}\r\n"
        f"Authorization: Basic {login}\r\nConnection: close\r\n"
        "Content-Type: application/json\r\n" + sys.argv[2] + "\r\n\r\n")
s.sendall(head.encode() + sys.argv[3].encode())
s.shutdown(socket.SHUT_WR)
print(s.recv(65536).split(b"\r\n")[0].decode())
EOS
  }
  for length in -1 abc 1e3 99999999999999999999999 +5 '5, 6' 0x10; do
    run raw "Content-Length: $length" '{"a":1}'
    [[ "$output" =~ \ (400|413)\  ]] || { echo "$length: $output" >&2; false; }
  done
  # More is promised than comes.
  run raw 'Content-Length: 5000' '{"application":"shop","path":"trunk"}'
  [[ "$output" != *' 2'* ]]
  run raw 'Content-Length: 4294967296' '{}'
  [[ "$output" == *' 413 '* ]]
  run raw $'Transfer-Encoding: chunked' $'5\r\n{"a":\r\nzz\r\n'
  [[ "$output" != *' 2'* ]]
}

@test "unknown query parameters are refused by name, broken ones too" {
  api GET '/servers?limit=1'
  expect_problem 400 limit
  api GET '/jobs?state=failed&x=1'
  expect_problem 400 "'x'"
  api GET '/jobs?state=failed&state=queued'
  expect_problem 400 twice
  api GET '/jobs?state'
  expect_problem 400 name=value
  api GET '/applications/shop/paths?prefix=%ff'
  expect_problem 400 UTF-8
  api GET '/applications/shop/paths?prefix=%'
  expect_problem 400 hexadecimal
  api GET "/applications/shop/paths?prefix=$(printf 'x%.0s' $(seq 4000))"
  expect 200
  api POST '/builds?application=shop' -d application=shop -d path=trunk
  expect_problem 400 application
}

@test "control characters from outside never reach a header or a terminal" {
  api GET '/jobs?state=%1b%5b31m%0d%0aSet-Cookie:x'
  expect_problem 400
  [ -z "$(header set-cookie)" ]
  api GET '/servers?%1b=1'
  expect_problem 400
  [[ "$body" != *$'\x1b'* ]]
}

@test "after all this the console still answers" {
  api GET /servers
  expect 200
}
