#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of a refresh's worker before the messages it sends to the cluster
# itself, from its first to its last, and of the whole PostgreSQL while rows are
# loaded. The calls are counted in one undisturbed refresh. After one more
# worker and at most one tidy the newest generation is the old or the new one
# whole, and the record says which. Every twelfth message is taken here, all
# with FAULT_EVERY=1.

bats_require_minimum_version 1.5.0
load helper
load dumps

setup_file() {
  worker_start postgres,backup
  make_dumps
}
teardown_file() { worker_stop; }
setup() {
  # shellcheck disable=SC1091
  . "$LAB_DIR/lab.env"
  dumps=$LAB_DIR/backup/dumps
  etc=$LAB_DIR/etc/berth
}
teardown() {
  end_all
  rm -f "$etc/conf.d/"*
}

# traced STRACE-WORDS...: the worker on the job, under strace; not its children.
traced() {
  in_lab -u berth strace -qq -o "$LAB_DIR/tmp/trace" "$@" \
    "$LAB_DIR/usr/sbin/berth-worker" job "$F"
}

people_in() {
  copy_of "$1" peek
  inside peek "SELECT string_agg(mail, ' ' ORDER BY 1) FROM person"
}

# kill_at N: false when there was no such message. Needs old, calls, killed,
# back and forward, and changes them.
kill_at() {
  put_job refresh "" every '{"again": true}'
  run traced -e trace=sendto -e "inject=sendto:signal=KILL:when=$1"
  if [ "$status" != 137 ]; then
    [ "$(outcome)" = succeeded ]
    old=$(newest every)
    end_all
    return 1
  fi
  killed=$((killed + 1))
  work
  echo "killed at message $1 of $calls: $(outcome) $(result detail)"
  if [ "$(outcome)" = requeue ]; then
    [ "$(newest every)" = "$old" ] || exit 1
    back=$((back + 1))
  else
    [ "$(outcome)" = succeeded ] || exit 1
    [[ "$(newest every)" > "$old" ]] || exit 1
    old=$(newest every)
    forward=$((forward + 1))
  fi
  end_all
  nothing_left every || worker tidy db1
  nothing_left every || exit 1
  [ "$(people_in "$old")" = "user1 user2" ] || exit 1
}

@test "killed before every message to the cluster" {
  strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
  application every "dump = \"$dumps/people.dump\""
  script 10-mail.sql "UPDATE person SET mail = 'user' || id;"
  script 20-mail.assert.sql "SELECT 1 FROM person WHERE mail ~ '@';"
  refresh  # the next ones also compare sizes, and send a few more
  end_all
  put_job refresh "" every '{"again": true}'
  traced -e trace=sendto
  [ "$(outcome)" = succeeded ]
  end_all
  old=$(newest every)
  calls=$(grep -c '^sendto(' "$LAB_DIR/tmp/trace")
  killed=0 back=0 forward=0
  for n in $(seq 1 "${FAULT_EVERY:-12}" $((calls - 4))); do
    kill_at "$n" || true
  done
  # The end, one by one: the publishing transaction and what is after it. How
  # many there are depends on how often VACUUM was looked at.
  for ((n = calls - 3; n < calls + 20; n++)); do
    kill_at "$n" || break
  done
  echo "# $killed kills, $back put back, $forward forward" >&3
  [ "$killed" -ge 3 ]
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
  worker tidy db1
  nothing_left crashed
  refresh '{"again": true}'
  [ "$(outcome)" = succeeded ]
}
