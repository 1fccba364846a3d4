#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the compiler and the linker make harder for an attacker is in every
# program that was built, whatever flags an administrator gave: read from the
# programs, because a flag in a Makefile proves nothing.

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || exit 1
  programs="berth.fcgi berth-watch berthd berth-worker berthctl
    berth-hypervisor"
}

@test "every program is there to be read" {
  local program
  for program in $programs; do
    [ -x "build/bin/$program" ] || { echo "no $program: run make"; false; }
  done
}

# each WHAT PATTERN READELF-OPTION...
each() {
  local what=$1 pattern=$2 program
  shift 2
  for program in $programs; do
    readelf --wide "$@" "build/bin/$program" | grep -qE -- "$pattern" || {
      echo "$program has no $what"
      return 1
    }
  done
}

@test "every program is position independent" {
  each "PIE flag" 'FLAGS_1.*\bPIE\b' --dynamic
  each "type of a shared object" 'Type: +DYN' --file-header
}

@test "every program's addresses are bound at its start and read-only then" {
  each "BIND_NOW" 'FLAGS_1.*\bNOW\b' --dynamic
  each "RELRO segment" 'GNU_RELRO' --program-headers
}

@test "no program's stack is executable" {
  each "stack without execution" 'GNU_STACK .* RW ' --program-headers
}

@test "every program checks its stack frames" {
  each "__stack_chk_fail" '__stack_chk_fail' --dyn-syms
}

@test "every program that is optimized checks the lengths of its copies" {
  # Without optimization the compiler has no such check: then the flags must
  # say so, and the same flags with -O1 must bring it.
  if grep -qE -- '-D_FORTIFY_SOURCE=[23]' build/flags; then
    each "__*_chk" '__[a-z]+_chk\b' --dyn-syms
  else
    grep -oE -- ' -O[^ ]*' build/flags | tail -n 1 | grep -qx -- ' -O0' || {
      echo "optimized and not fortified: $(cat build/flags)"; false; }
  fi
}

# planned WORDS...: the commands of a build with these flags; none is run, not
# even configure, which would keep them in config.mk.
planned() {
  env -u MAKEFLAGS -u MFLAGS make -n -o config.mk -o configure "$@" \
    build/bin/berthctl
}

@test "an administrator's own CXXFLAGS and LDFLAGS leave the hardening in" {
  local flag
  planned CXXFLAGS='-O2 -g' LDFLAGS=-Wl,-O1 >"$BATS_TEST_TMPDIR/out"
  for flag in -fPIE -fstack-protector-strong -fstack-clash-protection \
    -D_FORTIFY_SOURCE=2 '-pie -Wl,-z,relro,-z,now -Wl,-O1'; do
    grep -qF -- "$flag" "$BATS_TEST_TMPDIR/out" || { echo "no $flag"; false; }
  done
}

@test "HARDENING= leaves it out, for a sanitizer" {
  planned CXXFLAGS=-O1 HARDENING= >"$BATS_TEST_TMPDIR/out"
  grep -q -- '-std=c++20' "$BATS_TEST_TMPDIR/out"
  run grep -E -- '-fstack-protector|_FORTIFY_SOURCE=|-z,now' \
    "$BATS_TEST_TMPDIR/out"
  [ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "berthd's unit leaves a worker's start time in /proc for it to read" {
  run grep -n '^ProtectProc=' systemd/berthd.service.in
  [ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "berthd's unit allows the system calls that confine a program" {
  local call
  for call in create_ruleset add_rule restrict_self; do
    grep -q "^SystemCallFilter=.*\blandlock_$call\b" \
      systemd/berthd.service.in || { echo "$call"; false; }
  done
}
