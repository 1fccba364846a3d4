#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest switch and settle: killed or failing at any instant, the guest
# goes back to byte-equal old files or forward to the new ones.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

setup_file() {
  guest_setup_file svn
  local slot
  for slot in 1:a 2:b; do
    guest checkout "${slot%:*}" "$(checkout_request svn trunk 4)"
    [ "$status" -eq 0 ]
    ln -sfn a "$T/srv/shop/current"
  done
  mkdir "$T/prefix/etc/shop"
  echo old >"$T/prefix/etc/shop/old.conf"
  chown nobody:nogroup "$T/prefix/etc/shop/old.conf"
  chmod 0604 "$T/prefix/etc/shop/old.conf"
  echo same >"$T/prefix/etc/shop/same.conf"
  chgrp games "$T/prefix/etc/shop/same.conf"
  chmod 0640 "$T/prefix/etc/shop/same.conf"
  mkdir -p "$T/tree/etc/shop/new/deep"
  echo new >"$T/tree/etc/shop/old.conf"
  echo same >"$T/tree/etc/shop/same.conf"
  echo first >"$T/tree/etc/shop/new/deep/new.conf"
  guest_made
}
teardown_file() { guest_teardown_file; }

setup() {
  guest_setup
  job=2
  before=$(guest_picture)
}
teardown() { guest_teardown; }

# back_to_start: for the next round of a loop.
back_to_start() {
  rm -rf "$T/prefix/etc/shop/new"
  echo old >"$T/prefix/etc/shop/old.conf"
  chown nobody:nogroup "$T/prefix/etc/shop/old.conf"
  chmod 0604 "$T/prefix/etc/shop/old.conf"
  ln -sfn a "$T/srv/shop/current"
  [ "$(guest_picture)" = "$before" ]
}

# staged_job: with the files of $T/tree staged. What the first left on disk is
# put there again for the others.
staged_job() {
  local state=$T/prefix/var/lib/berth-guest/shop
  no_fault
  job=$((job + 1))
  if [ -d "$T/staged" ]; then
    cp -a "$T/staged" "$state/$job"
    return
  fi
  stage_files "$job"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  cp -a "$state/$job" "$T/staged"
}

switch() { guest switch "$job" "{\"application\":\"shop\",\"slot\":$1}"; }

is_old() {
  [ "$(guest_picture)" = "$before" ] ||
    { diff <(echo "$before") <(guest_picture); false; }
}

# The files of $T/tree and slot b, and nothing besides.
is_new() {
  local file
  [ "$(readlink "$T/srv/shop/current")" = b ]
  (cd "$T/tree" && find . -type f) | while read -r file; do
    cmp "$T/tree/$file" "$T/prefix/$file"
    [ "$(stat -c '%a %U %G' "$T/prefix/$file")" = '640 root games' ]
  done
  [ -z "$(find "$T/prefix/etc" "$T/srv/shop" -maxdepth 4 \
    -name '.*.berth-new' -o -name '.current.new')" ]
}

pending() {
  guest status "$job" '{"application":"shop"}'
  [ "$status" -eq 0 ] && [[ $reply == *",\"pending\":$1}" ]] ||
    { echo "$output"; false; }
}

@test "switch puts files and current in place; discard commits" {
  staged_job
  switch '"b"'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(answer '[.slot, .previous] | tostring')" = '["b","a"]' ]
  [ "$(answer '.changed | sort | tostring')" = \
    '["etc/shop/new/deep/new.conf","etc/shop/old.conf"]' ]
  is_new
  pending '{"job":3,"slot":"b","phase":"switched"}'
  settle '"report"'
  [ "$(answer '[.pending, .switched, .current] | tostring')" \
    = '[true,true,"b"]' ]
  guest discard 3 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  pending null
  is_new
  [ ! -e "$T/prefix/var/lib/berth-guest/shop/3" ]
  settle true
  [ "$status" -eq 0 ]
}

@test "settle false after a whole switch brings everything back" {
  staged_job
  switch '"b"'
  settle false
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  is_old
  settle false
  [ "$status" -eq 0 ]
  settle true
  [ "$status" -eq 20 ]
}

@test "without a slot only files change, and current stays" {
  staged_job
  switch null
  [ "$status" -eq 0 ]
  [ "$(readlink "$T/srv/shop/current")" = a ]
  [ "$(cat "$T/prefix/etc/shop/old.conf")" = new ]
  settle false
  is_old
}

@test "the first switch ever is put back to no current at all" {
  rm "$T/srv/shop/current"
  before=$(guest_picture)
  staged_job
  switch '"b"'
  [ "$(answer .previous)" = null ]
  is_new
  settle false
  is_old
}

@test "a configtest that fails puts everything back, and its words come along" {
  configtest='["/bin/sh", "-c", "cat '$T'/prefix/etc/shop/old.conf; exit 1"]'
  guest_conf svn
  staged_job
  switch '"b"'
  [ "$status" -eq 20 ]
  [ "$(answer '.lines | tostring')" = '["new"]' ]
  is_old
  pending null
}

@test "a manifest in other words counts too, and one that is none is told" {
  local manifest=$T/prefix/var/lib/berth-guest/shop/3/manifest.json
  staged_job
  switch '"b"'
  cp "$manifest" "$T/manifest"
  head -c -3 "$T/manifest" >"$manifest"
  for verb in status discard; do
    guest "$verb" 3 '{"application":"shop"}'
    [ "$status" -eq 21 ] || { echo "$output"; false; }
    [ "$(answer .job)" = 3 ]
  done
  settle false
  [ "$status" -eq 21 ]
  jq -ce 'select(.version == 1)' "$T/manifest" >"$manifest"
  [ "$(wc -l <"$manifest")" = 1 ]
  pending '{"job":3,"slot":"b","phase":"switched"}'
  is_new
  settle false
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  is_old
}

@test "while a switch is pending nothing else begins" {
  staged_job
  switch '"b"'
  local verb
  for verb in 'switch {"application":"shop","slot":"a"}' \
    "checkout $(checkout_request svn trunk 4)"; do
    guest "${verb%% *}" 4 "${verb#* }"
    [ "$status" -eq 21 ] || { echo "$verb: $output"; false; }
    [ "$(answer .job)" = 3 ]
  done
  stage_files 4
  [ "$status" -eq 21 ]
  guest discard 4 '{"application":"shop"}'
  [ "$status" -eq 21 ]
  guest settle 4 '{"application":"shop","job":3,"commit":false}'
  [ "$status" -eq 0 ]
  is_old
}

@test "killed at any instant of switch, settle false brings the old back" {
  local at=0
  fault_setup
  while :; do
    staged_job
    fault_at $((at += every)) kill
    switch '"b"'
    no_fault
    fault_came || break
    [ "$status" -eq 137 ]
    settle '"report"'
    [ "$status" -eq 0 ] || { echo "$at: $output"; false; }
    settle false
    [ "$status" -eq 0 ] || { echo "$at: $output"; false; }
    is_old || { echo "killed at $at"; false; }
    pending null
  done
  echo "# $((at - 1)) instants" >&3
  [ "$at" -gt 15 ]
}

@test "killed at any instant of switch, settle true brings the new" {
  local at=0 pending
  fault_setup
  while :; do
    staged_job
    fault_at $((at += every)) kill
    switch '"b"'
    no_fault
    fault_came || break
    settle '"report"'
    [ "$status" -eq 0 ] || { echo "$at: $output"; false; }
    [[ $reply =~ \"pending\":(true|false), ]]
    pending=${BASH_REMATCH[1]}
    settle true
    if [ "$pending" = true ]; then
      [ "$status" -eq 0 ] || { echo "$at: $output"; false; }
      is_new || { echo "killed at $at"; false; }
      settle true
      [ "$status" -eq 0 ]
    else
      [ "$status" -eq 20 ]
      is_old || { echo "killed at $at"; false; }
    fi
    back_to_start
  done
  [ "$at" -gt 15 ]
}

@test "failing at any instant, switch itself puts everything back" {
  local at=0
  fault_setup
  while :; do
    staged_job
    fault_at $((at += every)) fail
    switch '"b"'
    no_fault
    fault_came || break
    if [ "$status" -eq 0 ]; then
      is_new || { echo "failed at $at"; false; }
      settle false
    else
      [ "$status" -eq 20 ] || { echo "$at: $status $output"; false; }
    fi
    is_old || { echo "failed at $at"; false; }
    pending null
  done
  [ "$at" -gt 15 ]
}

@test "killed at any instant of settle, it can be asked again" {
  local at=0 way
  fault_setup
  cp "$conf" "$T/whole.conf"
  # Begun and killed when the files are in place, before current moves.
  configtest='["/bin/sh", "-c", "kill -KILL $PPID"]'
  guest_conf svn
  cp "$conf" "$T/killing.conf"
  for way in false true; do
    at=0
    while :; do
      staged_job
      cp "$T/killing.conf" "$conf"
      switch '"b"'
      [ "$status" -eq 137 ]
      cp "$T/whole.conf" "$conf"
      fault_at $((at += every)) kill
      settle "$way"
      no_fault
      fault_came || break
      settle "$way"
      [ "$status" -eq 0 ] || { echo "$way $at: $output"; false; }
      if [ "$way" = true ]; then is_new; back_to_start; else is_old; fi
      pending null
    done
    back_to_start
    [ "$at" -gt 5 ]
  done
}
