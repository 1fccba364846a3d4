#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Cancel in every step of a build, from Subversion and from git: it wins until
# the commit point, and leaves the server as it was; after it the answer is 409
# and the build ends as it would have.

load ../lib/build

setup() { need_lab; }

setup_file() {
  has_lab || return 0
  lab_env
  need_base shop
  need_base shopgit
}

# cancel JOB: the status of DELETE.
cancel() {
  call_api "jobs/$1" -o /dev/null -w '%{http_code}' -X DELETE
}

# cancel_in_each_step SERVER APPLICATION PATH1 PATH2
cancel_in_each_step() {
  local server=$1 path=$3 step before after code cancelled=0
  APPLICATION=$2
  build "$server" "$path" newest
  wait_end "$JOB"
  [ "$STATE" = succeeded ] || { cat "$LOG_DIR/$JOB.log"; return 1; }
  for step in preflight database checkout render prepare switch restart; do
    if [ "$path" = "$3" ]; then path=$4; else path=$3; fi
    sleep 0.4
    before=$(call_api "servers/$server" | jq -cS .configuration)
    build "$server" "$path" newest
    wait_step "$JOB" "$step" || true
    code=$(cancel "$JOB")
    wait_end "$JOB"
    sleep 0.4
    after=$(call_api "servers/$server" | jq -cS .configuration)
    echo "cancelled in $step: $code, job $JOB $STATE"
    case $code in
      200 | 202 | 204)
        [ "$STATE" = cancelled ] || fail "accepted, and $STATE" || return 1
        [ "$before" = "$after" ] || fail "it changed $server" || return 1
        cancelled=$((cancelled + 1))
        ;;
      409) [ "$STATE" = succeeded ] || fail "refused, and $STATE" || return 1 ;;
      *) fail "cancel answered $code" || return 1 ;;
    esac
    check_whole "$server" "$JOB"
  done
  [ "$cancelled" -ge 4 ]
}

@test "cancel in every step of a build from Subversion" {
  cancel_in_each_step qa3 shop trunk branches/checkout-2
}

@test "cancel in every step of a build from git" {
  cancel_in_each_step qa4 shopgit main checkout-2
}

@test "a cancelled build that waits behind another never starts" {
  APPLICATION=shop
  build qa3 trunk newest
  local first=$JOB
  build qa3 branches/checkout-2 newest
  [ "$(cancel "$JOB")" = 200 ]
  wait_end "$JOB"
  [ "$STATE" = cancelled ]
  [ ! -e "$LOG_DIR/$JOB.log" ]
  wait_end "$first"
  [ "$STATE" = succeeded ]
  check_whole qa3 "$first"
}

@test "nobody cancels another's job, and nobody a job that is done" {
  APPLICATION=shop
  build qa3 trunk none
  run curl -s -o /dev/null -w '%{http_code}' -X DELETE \
    -u "$BERTH_USER2:$BERTH_PASSWORD2" "$BERTH_URL/api/jobs/$JOB"
  [ "$output" = 403 ]
  wait_end "$JOB"
  [ "$(cancel "$JOB")" = 409 ]
}
