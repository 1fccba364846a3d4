#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 in every step of a build on real parts: berthd, the worker, its ssh,
# berth.fcgi and PostgreSQL. A killed berthd or worker costs the build time and
# nothing else: it is taken up again and succeeds, once. A killed ssh or
# PostgreSQL may fail the build, which then left the server as it was. Each has
# four minutes for its eight builds, where FAULT_EVERY is not set: the steps that
# change most come first.

load ../lib/build

server=qa2
steps="switch database checkout prepare restart render verify preflight"

setup() { need_lab; }

setup_file() {
  has_lab || return 0
  lab_env
  need_base shop
  build "$server" trunk newest
  wait_end "$JOB"
  [ "$STATE" = succeeded ] || {
    cat "$LOG_DIR/$JOB.log"
    return 1
  }
}

# each_step FUNCTION WANTED: a build per step, FUNCTION JOB once it has begun.
each_step() {
  local step path=trunk tried=0 hit=0 revision end=$((SECONDS + 240))
  for step in $steps; do
    if [ -z "${FAULT_EVERY:-}" ] && [ "$SECONDS" -ge "$end" ]; then
      echo "# after four minutes: $tried of 8 steps" >&3
      break
    fi
    tried=$((tried + 1))
    # Every build is to change something that can be seen.
    case $path in trunk) path=branches/checkout-2 ;; *) path=trunk ;; esac
    revision=$(call_api "servers/$server" |
      jq -r .configuration.revision)
    build "$server" "$path" newest
    if wait_step "$JOB" "$step"; then
      hit=$((hit + 1))
      "$1" "$JOB"
    fi
    wait_end "$JOB"
    [ -z "${restarted:-}" ] || need_cluster
    restarted=
    echo "killed in $step: job $JOB $STATE," \
      "$(call_api "jobs/$JOB" | jq -r .detail)"
    case $STATE in
      succeeded) ;;
      *) [ "$2" = any ] || fail "job $JOB should have succeeded" ;;
    esac
    check_whole "$server" "$JOB"
    if [ "$STATE" = failed ]; then
      case $(call_api "jobs/$JOB" | jq -r .failed_step) in
        restart | verify) ;;
        *) [ "$revision" = "$(call_api "servers/$server" |
          jq -r .configuration.revision)" ] ||
          fail "failed before its commit point and changed the server" ;;
      esac
    fi
  done
  echo "$hit of $tried steps were hit"
  [ "$tried" -ge 2 ] && [ "$hit" -ge $((tried - 2)) ]
}

kill_worker() {
  local pid
  pid=$(worker_of "$1")
  [ -z "$pid" ] || kill -9 "$pid"
}

kill_berthd() {
  kill -9 "$(berthd_pid)"
  "$LAB/runner.sh" restart
}

kill_ssh() {
  local pid child
  pid=$(worker_of "$1")
  [ -n "$pid" ] || return 0
  for child in $(children "$pid" ssh) $(for child in \
    $(children "$pid" berth-worker); do children "$child" ssh; done); do
    kill -9 "$child" 2>/dev/null || true
  done
}

kill_postgres() {
  kill -9 "$(head -n 1 "$LAB_DIR/postgres/data/postmaster.pid")"
  "$LAB/postgres.sh" restart
  restarted=1
}

kill_web() {
  local pid
  for pid in /proc/[0-9]*; do
    [ "$(cat "$pid/comm" 2>/dev/null)" = berth.fcgi ] &&
      [ "$(readlink "$pid/ns/ipc")" = \
        "$(readlink "/proc/$(berthd_pid)/ns/ipc")" ] &&
      kill -9 "${pid#/proc/}"
  done
  true
}

@test "kill -9 of the worker in every step: the build is taken up again" {
  each_step kill_worker succeeded
}

@test "kill -9 of berthd in every step: the build is taken up again" {
  each_step kill_berthd succeeded
}

@test "kill -9 of ssh in every step: built, or as it was" {
  each_step kill_ssh any
}

@test "kill -9 of PostgreSQL in every step: built, or as it was" {
  each_step kill_postgres any
}

@test "kill -9 of berth.fcgi in a build: the build does not notice" {
  build "$server" trunk newest
  wait_step "$JOB" checkout || true
  kill_web
  wait_end "$JOB"
  [ "$STATE" = succeeded ]
  check_whole "$server" "$JOB"
}
