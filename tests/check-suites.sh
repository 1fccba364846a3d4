# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# The suites of `make check`; sourced by check.sh, which has `needed_things` made
# and then runs `all_suites`, some at a time. They are listed longest first, so
# that none is left alone at the end; but for what takes seconds and must never
# be left out. A task is one suite, or several that share a lab.

tap() { bats --timing --formatter tap "$@"; }
export -f tap

# What prepare.sh has to have made for the suites of this run, slowest first.
needed_things() {
  local name
  if wanted qemu && [ -z "$(no_guests)" ]; then echo image; fi
  # Every lab has those.
  for name in ${CHECK_ONLY:-lab}; do
    case $name in
      unit* | rules | clang | page | web* | guest* | runner* | install) ;;
      *) echo repositories; break ;;
    esac
  done
  if wanted page journey; then echo modules; fi
  if wanted worker-spare; then echo postgres18; fi
}

all_suites() {
  task unit base model store step web runner hypervisor ctl fuzz
  task suite rules tap 120 bash -c 'tap tests/rules'
  touch "$emulates"
  task real_guests
  task on_a_lab
  task on_a_lab_of_faults
  task guest
  task guest_switch
  task worker fault.bats
  task worker cluster_fault.bats
  task worker undo.bats
  task worker switch.bats
  task worker refresh_fault.bats
  task worker tidy.bats
  task worker build.bats
  task worker look.bats
  task worker machine.bats
  task page
  task web fcgid
  task web proxy
  task suite demo plain 200 env DEMO_ONESHOT=1 tests/lab/demo.sh
  task worker refresh.bats
  task worker spare.bats
  task unit worker
  task suite clang plain 400 make -s -j2 clang
  task suite runner-accept tap 400 bash -c 'tap tests/runner/accept.bats'
  task suite lab tap 300 bash -c 'tap tests/lab'
  task suite runner-job tap 700 bash -c 'tap tests/runner/job.bats'
  task suite runner-spare tap 400 bash -c 'tap tests/runner/spare.bats'
  task suite web tap 200 env -u BERTH_URL \
    bash -c 'tap tests/web/apache.bats tests/web/cgi.bats \
      tests/web/proxy_secret.bats tests/web/vhosts.bats'
  task suite install tap 200 bash -c 'tap tests/install'
  task unit watch
}

unit() {
  local dir
  for dir; do
    suite "unit-$dir" boost 300 "build/tests/unit-$dir" \
      --report_level=short --log_level=test_suite --color_output=no
  done
}

web() {
  suite "web-$1" tap 300 env -u BERTH_URL APACHE_VARIANT="$1" \
    bash -c 'tap tests/web/reads.bats tests/web/changes.bats \
      tests/web/hostile.bats tests/web/slow.bats'
}

page() {
  suite page tap 400 env -u BERTH_URL tests/page/run.sh away board colours \
    data dialogs hostile job machine preview rules server undo
}

# What happens on a guest, its loops apart from the rest.
guest_switch() {
  suite guest-switch tap 900 bash -c 'tap tests/guest/switch.bats \
    tests/guest/undo.bats'
}
guest() {
  suite guest tap 900 bash -c \
    'tap tests/guest/{protocol,cancel,git,look,stage,svn,puppet}.bats'
}

# worker FILE: of tests/worker, the worker's steps without a berthd. Each file
# starts a lab of its own.
worker() {
  suite "worker-${1%.bats}" tap 900 env -u LAB_DIR bash -c 'tap "$1"' - \
    "tests/worker/$1"
}

# with_lab NAME COMMAND [UP]: a lab for COMMAND, both applications published in
# it; LAB_DIR and the console's address are in the environment. UP is what makes
# it.
with_lab() {
  local name=$1 up=${3:-tests/lab/up.sh}
  LAB_DIR=$(LAB_APACHE=proxy "$up" --owner $$ 2>"$out/$name.log") ||
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
  "$2"
  tests/lab/down.sh "$LAB_DIR" >>"$out/$name.log" 2>&1
}

no_guests() { bash -c '. tests/lib/machines.bash; no_guests'; }

# Virtual machines, one lab for all: the walk of docs/servers.md on a bare host;
# two guests beside it as soon as it has uploaded the image; and after it what is
# made and removed.
real_guests() {
  # shellcheck disable=SC2064 # the name as it is now
  trap "rm -f '$emulates'" EXIT
  all_guests
}
all_guests() {
  local part
  wanted qemu || return 0
  if [ -n "$(no_guests)" ]; then
    # Each test is skipped and says why.
    for part in walk provision guest git; do
      suite "qemu-$part" tap 60 bash -c 'tap "$1"' - "tests/qemu/$part.bats"
    done
  elif prepared image; then
    LAB_BARE=1 with_lab qemu-lab guest_suites tests/lab-qemu/up.sh
  fi
}
guest_suites() {
  local walk server
  suite qemu-walk tap 600 bash -c 'tap tests/qemu/walk.bats' &
  walk=$!
  # The walk has uploaded the image when it tells Berth of it.
  until grep -qs '^\[host.kvm1.image' "$LAB_DIR/etc/berth/berth.conf" ||
    ! kill -0 "$walk" 2>/dev/null; do
    sleep 0.2
  done
  for server in qa1 qa2; do
    tests/lab-qemu/machines.sh add "$server" >>"$out/qemu-lab.log" 2>&1
  done
  suite qemu-guest tap 900 bash -c 'tap tests/qemu/guest.bats' &
  suite qemu-git tap 900 bash -c 'tap tests/qemu/git.bats' &
  wait "$walk"
  suite qemu-provision tap 400 bash -c 'tap tests/qemu/provision.bats' &
  wait
}

# What drives a console, all in one lab.
on_a_lab() {
  wanted journey ci client ctl ctl-enroll watch fault-cancel fault-away \
    fault-backup || return 0
  with_lab lab-up drive_it
}
drive_it() {
  suite journey tap 200 tests/page/run.sh journey
  suite ci tap 200 bash -c 'tap tests/web/ci.bats'
  suite client tap 200 bash -c 'tap tests/client'
  suite ctl tap 200 bash -c 'tap tests/ctl/berthctl.bats'
  suite ctl-enroll tap 200 bash -c 'tap tests/ctl/enroll.bats'
  suite watch tap 200 bash -c 'tap tests/watch'
  suite fault-cancel tap 400 bash -c 'tap tests/fault/cancel.bats'
  suite fault-away tap 400 bash -c 'tap tests/fault/away.bats'
  suite fault-backup tap 200 bash -c 'tap tests/fault/backup.bats'
}

# Nobody else wants a console whose parts are killed all the time.
on_a_lab_of_faults() {
  wanted fault-build || return 0
  LAB_LIGHT=1 with_lab lab-up-build kill_it
}
kill_it() { suite fault-build tap 600 bash -c 'tap tests/fault/build.bats'; }
