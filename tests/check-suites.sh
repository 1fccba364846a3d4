# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# The suites of `make check`, in five lanes; sourced by check.sh. Two cores carry
# five, because every lane spends much of its time waiting for a disk, a reload
# or a deadline.

tap() { bats --formatter tap "$@"; }
export -f tap

# What needs nothing but itself: each test starts and stops its own parts.
lane_alone() {
  local dir variant
  suite rules tap 120 bash -c 'tap tests/rules'
  for dir in base model store web watch runner worker ctl; do
    if compgen -G "tests/unit/$dir/*.cpp" >/dev/null; then
      suite "unit-$dir" boost 300 "build/tests/unit-$dir" \
        --report_level=short --log_level=test_suite --color_output=no
    fi
  done
  for variant in fcgid proxy; do
    suite "api-$variant" tap 300 env -u BERTH_URL APACHE_VARIANT="$variant" \
      bash -c 'tap tests/api/reads.bats tests/api/changes.bats \
        tests/api/hostile.bats'
  done
  suite api tap 200 env -u BERTH_URL \
    bash -c 'tap tests/api/apache.bats tests/api/cgi.bats'
  suite page tap 400 env -u BERTH_URL tests/browser/run.sh away board colours \
    data dialogs hostile job rules server undo
  suite clang plain 400 make -s clang
}

# worker NAME FILE...: of tests/worker, each file with a lab of its own.
worker() {
  local name=$1
  shift
  suite "worker-$name" tap 900 env -u LAB_DIR bash -c 'tap "$@"' - \
    "${@/#/tests/worker/}"
}

# What happens on a guest; and undo, which is half a guest's.
lane_guest() {
  suite guest tap 900 bash -c 'tap tests/sbin/berth-guest*.bats'
  worker undo undo.bats
  suite fault-job tap 400 bash -c 'tap tests/fault/job.bats'
  suite fault-spare tap 400 bash -c 'tap tests/fault/spare.bats'
  suite fault-accept tap 400 bash -c 'tap tests/fault/accept.bats'
  suite install tap 200 bash -c 'tap tests/install'
}

# The worker's steps without a berthd: its tests start their own lab.
lane_worker() {
  worker build build.bats fault.bats switch.bats
  worker tidy tidy.bats
  suite lab tap 300 bash -c 'tap tests/lab'
}

# with_lab NAME COMMAND...: a lab for COMMAND, both applications published in
# it; LAB_DIR and the console's address are in the environment.
with_lab() {
  local name=$1
  shift
  LAB_DIR=$(LAB_APACHE=proxy tests/lab/up.sh --owner $$ 2>"$out/$name.log") ||
    {
      cat "$out/$name.log"
      echo "0 1 0" >"$out/$name.count"
      return
    }
  export LAB_DIR
  # shellcheck source=/dev/null
  . "$LAB_DIR/lab.env"
  export BERTH_URL BERTH_USER BERTH_PASSWORD
  {
    tests/lab/in.sh berthctl publish shop shop_base
    tests/lab/in.sh berthctl publish shopgit shopgit_base
  } >>"$out/$name.log" 2>&1
  "$@"
  tests/lab/down.sh "$LAB_DIR" >>"$out/$name.log" 2>&1
}

# What drives a console, all in one lab.
lane_lab() {
  suite demo plain 200 env DEMO_ONESHOT=1 tests/lab/demo.sh
  if wanted journey ci client ctl fault-cancel fault-away; then
    with_lab lab-up on_the_lab
  fi
  worker refresh refresh.bats refresh_fault.bats
}
on_the_lab() {
  suite journey tap 200 tests/browser/run.sh journey
  suite ci tap 200 bash -c 'tap tests/api/ci.bats'
  suite client tap 200 bash -c 'tap tests/sbin/berth.bats'
  suite ctl tap 200 bash -c 'tap tests/sbin/berthctl.bats \
    tests/sbin/berth-watch.bats'
  suite fault-cancel tap 400 bash -c 'tap tests/fault/cancel.bats'
  suite fault-away tap 400 bash -c 'tap tests/fault/away.bats'
}

# Nobody else wants a console whose parts are killed all the time.
lane_build() {
  if wanted fault-build; then
    with_lab lab-up-build suite fault-build tap 600 \
      bash -c 'tap tests/fault/build.bats'
  fi
  worker cluster cluster_fault.bats spare.bats
}
