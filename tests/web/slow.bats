#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034
# Clients with a login that send or read as slowly as they like. Others read
# meanwhile, because Apache has a whole body before berth.fcgi gets the request,
# and takes the whole reply before its client does.
load ../lib/console
load ../lib/published

clients=16 # more than there are processes, fewer than Apache's threads

setup_file() {
  make_tree
  write_config
  publish_all
  beat "$$"
  # More than all sockets on the way hold, less than Apache does.
  printf '{"as_of":"2026-11-22T20:00:00Z","hosts":[{"name":"%s"}]}' \
    "$(head -c 3500000 /dev/zero | tr '\0' x)" | state hosts.json
  start_apache
  api GET /hosts
  expect 200
  [ "$(stat -c %s "$BATS_TEST_TMPDIR/body")" -gt 3000000 ]
}
teardown_file() { stop_all; }
teardown() { [ -z "${slow:-}" ] || kill "$slow"; }

# others_read_during KIND: bob's reads, one after the other, while the slow
# clients are there. A process that one of them kept would be free again after
# 20 seconds (web/request_deadline.hpp): who waits for less waits for the
# processor, not for a client.
others_read_during() {
  local i took longest=0
  /usr/bin/python3 "$top/tests/web/slow_clients.py" "$port" "$1" "$clients" \
    3>&- &
  slow=$!
  sleep 1
  who=bob
  for i in $(seq 12); do
    took=$(date +%s%3N)
    api GET /servers 2>>"$tree/log/curl" || status=none
    took=$(($(date +%s%3N) - took))
    ((took <= longest)) || longest=$took
    [ "$status" = 200 ] || break
    sleep 0.1
  done
  echo "# $variant, $1: bob waits $longest ms at most, status $status" >&3
  [ "$status" = 200 ]
  ((longest < 15000))
}

@test "bodies that come slowly keep nobody from reading" {
  others_read_during body-once
}

@test "nor do those who send so again and again" {
  others_read_during body
}

@test "nor do bodies without a length" {
  others_read_during chunked
}

@test "replies that nobody reads keep nobody else from reading" {
  others_read_during reply-once
}

@test "nor do those who ask, leave and come again" {
  others_read_during reply-again
}
