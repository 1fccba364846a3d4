#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of a refresh's worker at each of the three instants of every message
# that it sends to the cluster itself, and of the whole PostgreSQL while rows
# are loaded. After one more worker and at most one tidy the newest generation
# is the old or the new one whole, and the record says which. FAULT_EVERY=1
# takes all.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/faults
load ../lib/dumps

setup_file() {
  dumps_start
  faults_start
}
teardown_file() { worker_stop; }
setup() { dumps_setup; }
teardown() { dumps_teardown; }

people_in() {
  copy_of "$1" peek
  sql_in peek "SELECT string_agg(mail, ' ' ORDER BY 1) FROM person"
  dropdb -h "$PGHOST" -p "$PGPORT" -U postgres peek
}

order() {
  OLD=$(newest every)
  put_job refresh "" every '{"again": true}'
  worker_is job "$F"
}
settled() {
  work
  old_or_new
}
as_asked() {
  succeeded
  old_or_new
  forward=$((forward - 1))  # of the kills only
}
old_or_new() {
  case $(outcome) in
    requeue)
      [ "$(newest every)" = "$OLD" ]
      back=$((back + 1))
      ;;
    succeeded)
      [[ "$(newest every)" > "$OLD" ]]
      forward=$((forward + 1))
      ;;
    *) log_of; false ;;
  esac
  end_all
  cluster_is_whole
  nothing_left every
  [ "$(people_in "$(newest every)")" = "user1 user2" ]
}

@test "killed at every message to the cluster" {
  back=0 forward=0
  application every "dump = \"$dumps/people.dump\""
  script 10-mail.sql "UPDATE person SET mail = 'user' || id;"
  script 20-mail.assert.sql "SELECT 1 FROM person WHERE mail ~ '@';"
  refresh  # the next ones also compare sizes, and send a few more
  end_all
  each_instant job 1 0 "${FAULT_EVERY:-41}" settled as_asked
  # The transaction of publish, and what comes behind it.
  each_instant job 1 6 "${FAULT_EVERY:-2}" settled as_asked \
    "FROM=WITH ALLOW_CONNECTIONS false IS_TEMPLATE false CONNECTION LIMIT 0"
  echo "# messages of a refresh: $KILLS kills, $back put back," \
    "$forward forward" >&3
  [ "$KILLS" -ge 3 ]
  [ "$forward" -ge 1 ]
}

@test "PostgreSQL killed while rows are loaded: the old generation serves" {
  application crashed "dump = \"$dumps/slow.dump\""
  refresh
  old=$(newest crashed)
  end_all
  put_job refresh "" crashed '{"again": true}'
  work 3>&- &
  WORKER=$!
  until_step restore progress
  kill -KILL "$(cat "$LAB_DIR/run/postgres.pid")"
  wait "$WORKER" || true
  "$LAB/postgres.sh" start
  [ "$(outcome) $(result failed_step)" = "failed restore" ]
  [ "$(newest crashed)" = "$old" ]
  end_all
  cluster_is_whole
  nothing_left crashed
  refresh '{"again": true}'
  succeeded
}
