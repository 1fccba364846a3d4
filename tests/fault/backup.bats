#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An older copy of /var/lib/berth put back, as docs/install.md (Backup) has it:
# berthd stopped, Apache restarted behind it. Since the copy a server got a new
# database and the application a new generation. No number is given out twice,
# the server says that the cluster knows better, nothing that is newer than the
# copy is dropped, and a build puts it right.

load ../lib/build
load ../lib/wait

server=qa4

setup() { need_lab; }

end_build() {
  wait_end "$JOB"
  [ "$STATE" = succeeded ] || { cat "$LOG_DIR/$JOB.log"; false; }
}

shown() { call_api "servers/$server" | jq -r ".$1"; }

says_problem() { [ "$(shown problem)" != null ]; }
has_no_problem() { [ "$(shown problem)" = null ]; }

# Every database with its OID and what it is.
databases() {
  sql "SELECT oid, datname, shobj_description(oid, 'pg_database')
    FROM pg_database ORDER BY oid"
}

@test "an older copy of /var/lib/berth is put back" {
  local lib copy before newest oid
  lib=${STATE_DIR%/state}
  copy=$LAB_DIR/tmp/older-copy
  need_base shop
  build "$server" trunk newest
  end_build
  "$LAB/runner.sh" stop
  cp -a "$lib" "$copy"
  "$LAB/runner.sh" start

  build "$server" branches/checkout-2 newest
  end_build
  in_lab berthctl refresh shop --again --wait
  build "$server" trunk newest
  end_build
  newest=$JOB
  worker tidy db1
  before=$(databases)

  "$LAB/runner.sh" stop
  mv "$lib" "$lib.lost"
  mv "$copy" "$lib"
  "$LAB/runner.sh" start
  "$LAB/apache.sh" restart "${APACHE_VARIANT:-proxy}"

  wait_until 60 says_problem
  [[ "$(shown problem)" == *"was made by job $newest, which is \
not in the history of $server"* ]]
  # What was there before the copy is what history tells of.
  [ "$(shown configuration.path)" = trunk ]
  [ "$(shown configuration.job)" -lt "$newest" ]
  # Behind the last switch that the copy knows there is nothing any more: its
  # database and its slot went with the builds that the copy does not know.
  # (What stood there before the last one that it knows may be of another
  # application, too.)
  why=$(shown no_undo)
  [[ "$why" == *" is deleted or "* || "$why" == *" is overwritten"* ||
    "$why" == *" had "* ||
    "$why" == *" was made by "* ||
    "$why" == "the configuration of $server before "* ]] || fail "$why"
  run call_api "servers/$server/undo" -X POST
  [ "$(jq -r .status <<<"$output")" = 409 ] || fail "$output"
  [[ "$(jq -r .detail <<<"$output")" == *"$why" ]] || fail "$output"
  worker tidy db1
  worker tidy db1
  diff <(echo "$before") <(databases)

  build "$server" branches/checkout-2 newest
  [ "$JOB" -gt "$newest" ]
  end_build
  wait_until 60 has_no_problem
  check_whole "$server" "$JOB"
  # The one that history knew nothing of is kept as long as any.
  oid=$(grep "|shop_$server|" <<<"$before" | cut -d '|' -f 1)
  databases | grep -q "^$oid|.*_t_${oid}_$JOB|"
  rm -rf "$lib.lost"
}
