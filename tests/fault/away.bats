#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads with berthd, libvirt and PostgreSQL each away: they answer at once, and
# what they say is marked as old. Each comes back by itself.

load ../lib/build

setup() { need_lab; }

teardown() {
  [ -n "${LAB_DIR:-}" ] || return 0
  # Whatever a failed test left stopped.
  kill -CONT "$(berthd_pid)" 2>/dev/null || true
}

# All reads of the console: nothing in them waits for berthd.
reads_answer() {
  local path
  for path in servers servers/qa1 servers/qa1/history jobs queue applications \
    applications/shop/paths hosts clusters health me; do
    run curl -s -o /dev/null -w '%{http_code}' --max-time 30 \
      -u "$BERTH_USER:$BERTH_PASSWORD" "$BERTH_URL/api/$path"
    [ "$output" = 200 ] || fail "$path: $output" || return 1
  done
}

@test "berthd killed: reads answer, health says away, builds are kept" {
  need_base shop
  build qa5 trunk newest
  wait_end "$JOB"
  [ "$STATE" = succeeded ] || { cat "$LOG_DIR/$JOB.log"; false; }
  kill -9 "$(berthd_pid)"
  reads_answer
  until_json 5 health '.runner == "away"'
  run call_api servers/qa5/reservation -o /dev/null -w '%{http_code}' \
    -X PUT -d hours=1
  [ "$output" = 503 ]
  run call_api servers/qa5/builds -i -X POST -d application=shop \
    -d path=trunk -d database=none
  [[ ${lines[0]} == *202* ]]
  token=$(sed -n 's,^Location: .*/drops/\([0-9a-f]*\).*,\1,Ip' <<<"$output")
  [ -n "$token" ]
  # One that cannot succeed is kept as well, until berthd refuses it.
  run call_api servers/qa99/builds -X POST -d application=shop \
    -d path=trunk
  doomed=$(jq -r .token <<<"$output")
  until_json 5 "drops/$doomed" '.state == "submitted"'
  "$LAB/runner.sh" restart
  until_json 20 "drops/$doomed" '.state == "refused" and .status == 404'
  until_json 20 "drops/$token" '.state == "accepted"'
  JOB=$(call_api "drops/$token" | jq .job)
  wait_end "$JOB"
  [ "$STATE" = succeeded ] || { cat "$LOG_DIR/$JOB.log"; false; }
}

@test "berthd stopped: reads answer at once while eight writers wait" {
  kill -STOP "$(berthd_pid)"
  for n in 1 2 3 4 5 6 7 8; do
    call_api servers/qa6/reservation -o /dev/null -X PUT \
      -d hours=1 &
  done
  sleep 0.3
  reads_answer
  wait
  kill -CONT "$(berthd_pid)"
  until_json 20 health '.runner == "up"'
  # What was handed in meanwhile is decided now, once.
  until_json 20 servers/qa6 '.hold.user == "'"$BERTH_USER"'"'
  [ "$(find "$SPOOL_DIR/drop" -name '*.json' | wc -l)" = 0 ]
  call_api servers/qa6/reservation -o /dev/null -X DELETE
}

@test "libvirtd killed: servers stay, marked, and come back" {
  kill -9 "$(cat "$LAB_DIR/run/libvirtd.pid" 2>/dev/null ||
    cat "$LAB_DIR/run/libvirt.pid")"
  until_json 20 servers '.servers | length == 6 and all(.fresh == false)'
  until_json 5 hosts '.hosts[0].connected == false and .hosts[0].reason != null'
  reads_answer
  "$LAB/libvirt.sh" restart
  until_json 90 servers '.servers | all(.fresh)'
}

@test "PostgreSQL stopped: reads answer, the cluster is away with a reason" {
  "$LAB/postgres.sh" stop
  until_json 90 clusters '.clusters[0] | .reachable == false and .reason != null'
  reads_answer
  run call_api applications
  [ "$(jq -r '.applications[0].bases | length' <<<"$output")" -ge 1 ]
  [ "$(jq -r '.applications[0].fresh' <<<"$output")" = false ]
  "$LAB/postgres.sh" start
  until_json 90 clusters '.clusters[0].reachable'
}
