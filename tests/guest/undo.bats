#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest undo: the last committed switch goes back whole. Killed or failing
# at any instant, the guest is byte-equal what it was, or what it was before.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

# The guest as job 3 has left it: from a to b, one file changed, one new in new
# folders, one that stayed. $old_picture is from before it.
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
  guest_picture >"$T/old_picture"
  stage_files 3
  guest switch 3 '{"application":"shop","slot":"b"}'
  [ "$status" -eq 0 ]
  guest settle 3 '{"application":"shop","job":3,"commit":true}'
  [ "$status" -eq 0 ]
  guest_picture >"$T/new_picture"
  guest_made
}
teardown_file() { guest_teardown_file; }
setup() {
  guest_setup
  job=4 last=3
}
teardown() { guest_teardown; }

is() { diff "$T/$1_picture" <(guest_picture) >&2; }

undo() {
  guest undo "$job" "{\"application\":\"shop\",\"job\":$last,\"slot\":$1,\
\"path\":\"trunk\",\"revision\":\"4\"}"
}

# ok: else what was said.
ok() { [ "$status" -eq 0 ] || { echo "$output"; false; }; }

# kept JSON: what status says of the verb undo.
kept() {
  guest status "$job" '{"application":"shop"}'
  ok && [ "$(answer '.undo | tostring')" = "$1" ] || { echo "$output"; false; }
}

# The job is committed; the next one is behind it.
committed() { last=$job job=$((job + 1)); }

@test "an undo brings files, folders and current back; its own undo the new" {
  kept '{"job":3,"slot":"a","whole":true}'
  undo '"a"'
  ok
  [ "$(answer '[.slot, .previous] | tostring')" = '["a","b"]' ]
  [ "$(answer '.changed | sort | tostring')" = \
    '["etc/shop/new/deep/new.conf","etc/shop/old.conf"]' ]
  is old
  settle '"report"'
  [ "$(answer '[.pending, .switched, .committed] | tostring')" \
    = '[true,true,3]' ]
  guest discard 4 '{"application":"shop"}'
  ok
  is old
  kept '{"job":4,"slot":"b","whole":true}'
  settle '"report"'
  [ "$(answer '[.pending, .committed] | tostring')" = '[false,4]' ]
  committed
  undo '"b"'
  ok
  settle true
  ok
  is new
  settle true
  ok
  kept '{"job":5,"slot":"a","whole":true}'
}

@test "only the last switch is kept, and of it what an undo needs" {
  local state=$T/prefix/var/lib/berth-guest/shop
  [ "$(find "$state/undo" -type f -printf '%P\n' | sort | xargs)" = \
    "3/manifest.json 3/old/0 3/old/slot.json 3/placed" ]
  undo '"a"'
  settle true
  # What lay there before job 3 no switch had put there; what it put is known.
  [ ! -e "$state/undo/4/placed" ]
  [ -s "$state/undo/4/old/placed" ]
  [ "$(find "$state/undo" -mindepth 1 -maxdepth 1 -printf '%P\n')" = 4 ]
  [ ! -e "$state/4" ]
  [ ! -e "$state/undo/4/switch" ]
}

@test "a switch or an undo that was put back leaves what can be undone" {
  echo other >"$T/tree/etc/shop/old.conf"
  stage_files 4
  guest switch 4 '{"application":"shop","slot":"a"}'
  ok
  settle false
  is new
  job=5
  undo '"a"'
  ok
  settle false
  ok
  is new
  kept '{"job":3,"slot":"a","whole":true}'
  job=6
  undo '"a"'
  settle true
  is old
}

@test "without a slot the files go back and current stays" {
  echo third >"$T/tree/etc/shop/old.conf"
  stage_files 4
  guest switch 4 '{"application":"shop","slot":null}'
  settle true
  ok
  kept '{"job":4,"slot":null,"whole":true}'
  committed
  undo '"a"'
  [ "$status" -eq 10 ]
  guest undo "$job" '{"application":"shop","job":4,"slot":null}'
  ok
  settle true
  is new
}

@test "the first switch ever is not undone" {
  rm "$T/srv/shop/current"
  stage_files 4
  guest switch 4 '{"application":"shop","slot":"b"}'
  settle true
  kept null
  committed
  undo '"a"'
  [ "$status" -eq 10 ]
}

@test "a slot that was checked out again is refused, at any revision" {
  guest checkout 4 "$(checkout_request svn trunk 4)"
  [ "$(answer .slot)" = a ]
  job=5
  kept '{"job":3,"slot":"a","whole":false}'
  undo '"a"'
  [ "$status" -eq 10 ]
  [[ "$(answer .error)" == *"checked out again since job 3"* ]]
  rm "$T/srv/shop/.berth/a.json"
  undo '"a"'
  [ "$status" -eq 10 ]
  is new
}

@test "what does not fit is refused, and nothing changes" {
  local wrong
  for wrong in '"job":2,"slot":"a","path":"trunk","revision":"4"' \
    '"job":3,"slot":"b","path":"trunk","revision":"4"' \
    '"job":3,"slot":null' '"job":3,"slot":"a"' \
    '"job":3,"slot":"a","path":"trunk"' \
    '"job":3,"slot":"a","path":"trunk","revision":"3"' \
    '"job":3,"slot":"a","path":"trunk\",\"x","revision":"4"' \
    '"job":3,"slot":"a","path":"../trunk","revision":"4"' \
    '"job":3,"slot":"a","path":"trunk","revision":"4;x"' \
    '"job":0,"slot":"a"' '"slot":"a"' '"job":3,"slot":"c"' \
    '"job":3,"slot":"a","path":"trunk","revision":"4","more":1'; do
    guest undo 4 "{\"application\":\"shop\",$wrong}"
    [ "$status" -eq 10 ] || { echo "$wrong: $output"; false; }
  done
  ln -sfn a "$T/srv/shop/current"
  undo '"a"'
  [ "$status" -eq 10 ]
  ln -sfn b "$T/srv/shop/current"
  is new
  # A place that guest.conf no longer allows.
  sed -i 's|"etc/shop/"|"etc/else/"|' "$conf"
  undo '"a"'
  [ "$status" -eq 10 ]
  is new
}

@test "while it is pending nothing else begins; a failed configtest puts back" {
  undo '"a"'
  guest switch 5 '{"application":"shop","slot":"b"}'
  [ "$status" -eq 21 ]
  [ "$(answer .job)" = 4 ]
  guest settle 5 '{"application":"shop","job":4,"commit":false}'
  ok
  is new
  configtest='["/bin/sh", "-c", "echo no; exit 1"]'
  guest_conf svn
  job=6
  undo '"a"'
  [ "$status" -eq 20 ]
  [ "$(answer '.lines | tostring')" = '["no"]' ]
  is new
  kept '{"job":3,"slot":"a","whole":true}'
}

@test "what a person changed since is kept, and comes back with the redo" {
  echo edited >"$T/prefix/etc/shop/old.conf"
  rm "$T/prefix/etc/shop/new/deep/new.conf"
  echo mine >"$T/prefix/etc/shop/new/mine"
  undo '"a"'
  ok
  [ "$(cat "$T/prefix/etc/shop/old.conf")" = old ]
  [ "$(cat "$T/prefix/etc/shop/new/mine")" = mine ]
  settle true
  committed
  undo '"b"'
  ok
  [ "$(cat "$T/prefix/etc/shop/old.conf")" = edited ]
  [ ! -e "$T/prefix/etc/shop/new/deep/new.conf" ]
}

@test "killed at any instant of undo, settle brings back or goes on" {
  local at=0 pending way=false
  fault_setup
  while :; do
    fault_at $((at += every)) kill
    undo '"a"'
    no_fault
    fault_came || break
    [ "$status" -eq 137 ]
    # Every other one goes on where it can.
    if [ "$way" = false ]; then way=true; else way=false; fi
    settle '"report"'
    ok
    pending=$(answer .pending)
    [ "$(answer .committed)" = 3 ]
    settle "$way"
    if [ "$way$pending" = truetrue ]; then
      ok
      is old || { echo "killed at $at"; false; }
      settle false
      rm -rf "$T"
      cp -a "$GUESTS/made" "$T"
      fault_setup
      job=3
    else
      [ "$status" -eq $([ "$way" = false ] && echo 0 || echo 20) ]
      is new || { echo "killed at $at"; false; }
      kept '{"job":3,"slot":"a","whole":true}'
    fi
    job=$((job + 1))
  done
  echo "# $((at - 1)) instants" >&3
  [ "$at" -gt 20 ]
}

@test "failing at any instant, undo itself puts everything back" {
  local at=0
  fault_setup
  while :; do
    fault_at $((at += every)) fail
    undo '"a"'
    no_fault
    fault_came || break
    if [ "$status" -eq 0 ]; then
      is old || { echo "failed at $at"; false; }
      settle false
    else
      [ "$status" -eq 20 ] || { echo "$at: $status $output"; false; }
    fi
    is new || { echo "failed at $at"; false; }
    kept '{"job":3,"slot":"a","whole":true}'
    job=$((job + 1))
  done
  [ "$at" -gt 20 ]
}

@test "killed or failing at any instant of committing, one of both is kept" {
  local at how way slot=a before
  fault_setup
  for how in kill fail; do
    for way in settle discard; do
      at=0
      while :; do
        undo "\"$slot\""
        ok
        before=$last
        fault_at $((at += every)) "$how"
        if [ "$way" = settle ]; then
          settle true
        else
          guest discard "$job" '{"application":"shop"}'
        fi
        no_fault
        if fault_came; then
          settle '"report"'
          ok
          case $(answer '[.pending, .committed] | tostring') in
            "[true,$before]" | "[false,$job]") ;;
            *) echo "$how $way $at: $output"; false ;;
          esac
        fi
        settle true
        ok || { echo "$how $way $at"; false; }
        if [ "$slot" = a ]; then is old; slot=b; else is new; slot=a; fi
        kept "{\"job\":$job,\"slot\":\"$slot\",\"whole\":true}"
        [ "$(find "$T/prefix/var/lib/berth-guest/shop/undo" -mindepth 1 \
          -maxdepth 1 -printf '%P\n')" = "$job" ]
        committed
        fault_came || break
      done
      [ "$at" -gt 3 ]
    done
  done
}
