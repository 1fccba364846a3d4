#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of the worker at every fsync it makes and before every message it
# sends to the cluster, from the start of switch to the job's end. The calls
# are counted in one undisturbed build; then one build is killed at each. After
# one more worker on the same job the server is the old or the new build whole,
# and the record says which. Of the messages every eighth is taken here, and all
# with FAULT_EVERY=1.

bats_require_minimum_version 1.5.0
load helper

setup_file() {
  worker_start
  put_job publish "" shop '{"database": "shop_base", "data_at": null}'
  work
  build_job qa2 shop trunk newest true
  work
  [ "$(outcome)" = succeeded ]
  end_job
}
teardown_file() { worker_stop; }
setup() {
  # shellcheck disable=SC1091
  . "$LAB_DIR/lab.env"
  strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
}
teardown() { rm -f "$SPOOL_DIR/active/"*; }

# traced STRACE-WORDS...: the worker on the job, under strace.
traced() {
  in_lab -u berth strace -qq -o "$LAB_DIR/tmp/trace" "$@" \
    "$LAB_DIR/usr/sbin/berth-worker" job "$F"
}

# The numbers of the calls $1 that come after the record of switch's start.
calls_in_switch() {
  awk -v call="$1(" '
    index($0, "write(") == 1 && /\\"step\\":\\"switch\\",\\"event\\":\\"start/ {
      on = 1 }
    index($0, call) == 1 { n++; if (on) print n }' "$LAB_DIR/tmp/trace"
}

path_other_than() {
  case $1 in *"branch trunk"*) echo branches/checkout-2 ;; *) echo trunk ;; esac
}

# kill_at_each CALL [EVERY]
kill_at_each() {
  local call=$1 every=${2:-1} n before path killed=0 rolled=0 forward=0
  build_job qa2 shop branches/checkout-2 newest true
  traced -s 200 -e trace=write,fsync,sendto
  [ "$(outcome)" = succeeded ]
  end_job
  for n in $(calls_in_switch "$call" | awk "NR % $every == 0"); do
    before=$(served qa2)
    path=$(path_other_than "$before")
    build_job qa2 shop "$path" newest true
    run traced -e trace="$call" -e inject="$call:signal=KILL:when=$n"
    [ "$status" = 137 ] || { end_job; continue; }
    killed=$((killed + 1))
    work
    echo "killed at $call $n: $(outcome)"
    case $(outcome) in
      requeue)
        [ "$(served qa2)" = "$before" ]
        [ "$(result committed)" = false ]
        rolled=$((rolled + 1))
        ;;
      succeeded)
        [ "$(result committed)" = true ]
        health qa2 | grep -qx "branch $path"
        health qa2 | grep -qx "rows 120000"
        forward=$((forward + 1))
        ;;
      *) false ;;
    esac
    cluster_is_tidy
    end_job
  done
  echo "# $call: $killed kills, $rolled rolled back, $forward forward" >&3
  [ "$killed" -ge 3 ]
}

@test "killed at every fsync from switch on" { kill_at_each fsync; }

@test "killed before every message to the cluster from switch on" {
  kill_at_each sendto "${FAULT_EVERY:-8}"
}
