#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every program, compiled or a script, answers --help, --version and a wrong
# command line in the same way.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || exit 1
  programs="build/bin/berth.fcgi build/bin/berth-watch build/bin/berthd
    build/bin/berth-worker build/bin/berth-hypervisor build/bin/berthctl
    sbin/berth sbin/guest/berth-guest sbin/guest/berth-enroll
    contrib/puppet/berth-enc"
}

@test "the programs of this test are all there are" {
  diff <(find build/bin sbin contrib -type f -executable | sort) \
    <(tr -s ' \n' '\n' <<<"$programs" | sort)
}

@test "--help prints the usage on standard output and exits 0" {
  local program
  for program in $programs; do
    run -0 --separate-stderr "$program" --help </dev/null
    [ -z "$stderr" ]
    [[ "$output" == "usage: ${program##*/}"* && "$output" == *--version* ]] ||
      { echo "$program: $output"; false; }
  done
}

@test "--version prints the name and the version and exits 0" {
  local program form
  for program in $programs; do
    run -0 --separate-stderr "$program" --version </dev/null
    [ -z "$stderr" ]
    form="^${program##*/} [^ ]+\$"
    [[ "$output" =~ $form ]] ||
      { echo "$program: $output"; false; }
  done
}

@test "a wrong option prints the usage on standard error and exits 64" {
  local program
  for program in $programs; do
    run -64 --separate-stderr "$program" --nonsense </dev/null
    [ -z "$output" ]
    [[ "$stderr" == *"usage: ${program##*/}"* ]] ||
      { echo "$program: $stderr"; false; }
  done
}

@test "words too many or too few, and a value that is missing, exit 64" {
  local line
  while read -r line; do
    # shellcheck disable=SC2086
    run -64 --separate-stderr build/bin/$line </dev/null
    [ -z "$output" ]
    [[ "$stderr" == *usage:* ]] || { echo "$line: $stderr"; false; }
  done <<'EOS'
berthd word
berthd --config
berthd --once=yes
berth-watch
berth-watch kvm1 kvm2
berth-worker
berth-worker job
berth-worker dance qa1
berth-hypervisor kvm1
berth-hypervisor kvm1 power soon {}
berth.fcgi a b
berthctl
berthctl check word
berthctl status --yes
berthctl retire qa1 --yes
berthctl status --config
EOS
}
