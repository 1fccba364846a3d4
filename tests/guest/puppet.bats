#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The step converge and the example manifest with Debian's own puppet. Nothing
# of this machine is changed: the example is applied with --noop, the rest only
# below the test's folder.

# shellcheck disable=SC2015,SC2034,SC2154

load ../lib/guest

setup_file() {
  command -v puppet >/dev/null || skip "needs puppet (package puppet-agent)"
  guest_setup_file svn
  guest_made
}
teardown_file() { guest_teardown_file; }
setup() {
  guest_setup
  mkdir -p "$T/puppet/state"
  manifest=$T/etc/test.pp
  jq --arg manifest "$manifest" --arg var "$T/puppet" \
    '.applications.shop.converge = ["/usr/bin/puppet", "apply", "--vardir",
      $var, "--confdir", $var, "--rundir", $var, "--detailed-exitcodes",
      $manifest]' "$conf" >"$conf.new"
  mv "$conf.new" "$conf"
}
teardown() { guest_teardown; }

converge() { guest converge 1 '{"application":"shop"}'; }

@test "the example manifest is one that puppet takes" {
  local example=$top/contrib/puppet/test-server.pp
  puppet parser validate "$example"
  run puppet apply --noop --vardir "$T/puppet" --confdir "$T/puppet" \
    --rundir "$T/puppet" "$example"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"Applied catalog"* ]]
  # As a classifier would have it: another application.
  sed '/^include /d' "$example" >"$T/class.pp"
  echo "class { 'berth_test_server': application => 'wiki' }" >>"$T/class.pp"
  run puppet apply --noop --vardir "$T/puppet" --confdir "$T/puppet" \
    --rundir "$T/puppet" "$T/class.pp"
  [ "$status" -eq 0 ]
  [[ $output == *wiki* ]]
}

@test "converge tells what puppet did from what it could not do" {
  echo "file { '$T/made': content => \"x\\n\" }" >"$manifest"
  converge
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(answer .changed)" = true ]
  [[ $output == *'{"log":"'*made* ]]
  [ "$(cat "$T/made")" = x ]
  converge
  [ "$(answer .changed)" = false ]
  # One resource fails, then all do because it does not compile.
  echo "file { '$T/none/x': content => 'x' }" >"$manifest"
  converge
  [ "$status" -eq 20 ]
  [ "$(answer .status)" = 4 ]
  [[ $(answer .error) == *"some resources failed" ]]
  echo "file {" >"$manifest"
  converge
  [ "$status" -eq 20 ]
  [ "$(answer .status)" = 1 ]
  [[ $(answer .error) == *"could not run"* ]]
}
