#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Whether a server is still what was built on it: asked by a tester, and by
# berthd itself once a day, in a lab with a console (LAB_DIR).
# shellcheck disable=SC2015,SC2154
bats_require_minimum_version 1.5.0
load ../lib/wait
load ../lib/lab
load ../lib/api

berth=$top/sbin/berth

setup_file() {
  has_lab || return 0
  lab_env
  "$berth" build --any --app shop --path trunk --database newest --wait \
    --timeout 600 >"$BATS_FILE_TMPDIR/built"
  server=$(sed -n 's/^job [0-9]* on //p' "$BATS_FILE_TMPDIR/built")
  export server
}
teardown_file() {
  [ -z "${server:-}" ] || "$berth" release "$server"
}
setup() { need_lab; }

shown() { call_api "servers/$server" | jq -c "$1"; }
settings() { printf '%s' "$LAB_DIR/guests/$server/etc/shop/settings.py"; }

@test "a check finds what somebody edited, and what they put back" {
  run -0 "$berth" check "$server"
  [[ "$output" == *"$server is unchanged since job "* ]]
  cp -p "$(settings)" "$BATS_TEST_TMPDIR/settings"
  echo '# x' >>"$(settings)"
  run -0 "$berth" check "$server"
  [[ "$output" == *"/etc/shop/settings.py changed"* ]]
  cp -p "$BATS_TEST_TMPDIR/settings" "$(settings)"
  run -0 "$berth" check "$server"
  [[ "$output" == *" is unchanged since job "* ]]
}

# It has no line of history that could tell it.
@test "how a check ended is known after berthd has come back" {
  local job
  job=$(call_api "servers/$server/checks" -X POST \
    -H 'Content-Type: application/json' -d '{}' | jq .job)
  wait_until 60 job_has_ended "$job"
  call_api "jobs/$job" >"$BATS_TEST_TMPDIR/before"
  "$LAB/runner.sh" restart
  wait_until 60 is_up
  call_api "jobs/$job" | diff "$BATS_TEST_TMPDIR/before" -
}
is_up() { "$berth" servers >/dev/null; }

# Its build of a moment ago becomes one of yesterday while berthd is down: the
# day is counted from what the history says.
@test "what was built a day ago is looked at without anybody asking" {
  local history=$HISTORY_DIR/$server.jsonl yesterday end
  yesterday=$(date -u -d '-25 hours' +%FT%TZ)
  "$LAB/runner.sh" stop
  rm -f "${STATE_DIR%/state}/checks/$server.json"
  sed -i "\$s/\"built_at\":\"[^\"]*\"/\"built_at\":\"$yesterday\"/" "$history"
  tail -n 1 "$history" | grep -q "\"built_at\":\"$yesterday\""
  chown --reference="$HISTORY_DIR" "$history"
  echo '# y' >>"$(settings)"
  "$LAB/runner.sh" start
  end=$((SECONDS + 300))
  until [ -s "${STATE_DIR%/state}/checks/$server.json" ]; do
    [ "$SECONDS" -lt "$end" ] || { tail "$LAB_DIR/log/berthd.log"; false; }
    sleep 0.5
  done
  until [ "$(shown '.drift.files[0].path')" = '"etc/shop/settings.py"' ]; do
    [ "$SECONDS" -lt "$end" ] || { shown .; false; }
    sleep 0.5
  done
  [ "$(shown .drift.build)" = "$(shown .configuration.job)" ]
  # Once, and not again.
  sleep 2
  shown .checked_at >"$BATS_TEST_TMPDIR/at"
  sleep 3
  shown .checked_at | cmp - "$BATS_TEST_TMPDIR/at"
}
