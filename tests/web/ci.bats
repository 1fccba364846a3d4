#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The CI script of docs/scripts.md, taken out of that page and run unchanged.

load ../lib/lab
load ../lib/api

setup() {
  need_lab
  mkdir "$BATS_TEST_TMPDIR/bin"
  install -m 0755 "$top/sbin/berth" "$BATS_TEST_TMPDIR/bin/berth"
  export PATH=$BATS_TEST_TMPDIR/bin:$PATH
  script=$BATS_TEST_TMPDIR/ci-check
  # The indented lines from "#!/bin/sh" to the first that is not indented.
  awk '/^    #!\/bin\/sh/ { on = 1 } on && /^[^ ]/ { exit }
    on { sub(/^    /, ""); print }' "$top/docs/scripts.md" >"$script"
  [ -s "$script" ]
}

@test "the CI script of the documents builds a branch, asks the site and releases" {
  run sh "$script" branches/checkout-2
  echo "$output"
  [ "$status" -eq 0 ]
  grep -q '^branch branches/checkout-2$' <<<"$output"
  server=$(sed -n 's/^job [0-9]* on //p' <<<"$output")
  [ -n "$server" ]
  sleep 0.4
  run call_api "servers/$server"
  [ "$(jq -r .hold <<<"$output")" = null ]
}

@test "the CI script of the documents fails with 2 for a path that is refused" {
  run sh "$script" ../etc
  [ "$status" -eq 2 ]
}

@test "the CI script of the documents fails with 1 for a path that is not there" {
  run sh "$script" branches/never-was
  echo "$output"
  [ "$status" -eq 1 ]
  # It changed nothing there, and what it took is free again.
  server=$(sed -n 's/^job [0-9]* on //p' <<<"$output" | tail -n 1)
  [[ "$output" == *"; $server is released"* ]]
  run call_api "servers/$server"
  [ "$(jq -r .hold <<<"$output")" = null ]
}
