#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest stage, restart and errors: hostile tars, places that are not
# root's, logs that are not logs.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

setup_file() { guest_setup_file svn; guest_made; }
teardown_file() { guest_teardown_file; }
setup() {
  guest_setup
  mkdir -p "$T/tree/etc/shop/sub"
  echo one >"$T/tree/etc/shop/one.conf"
  echo two >"$T/tree/etc/shop/sub/two.conf"
  state=$T/prefix/var/lib/berth-guest/shop
}
teardown() { guest_teardown; }

# stage_tar PATH...: the tar in $T/tar, of which these are wanted.
stage_tar() {
  local files
  files=$(printf '%s\n' "$@" | jq -Rnc '[inputs | {path: ., mode: "0640"}]')
  guest stage 1 "$(jq -cn --argjson files "$files" \
    --argjson tar_bytes "$(stat -c %s "$T/tar")" \
    '{application: "shop", $tar_bytes, $files}')" "$T/tar"
}

# nothing_outside: beyond the state folder root has written nothing.
nothing_outside() {
  [ -z "$(find "$T/prefix" -path "$T/prefix/var" -prune -o ! -type d -print)" ]
}

@test "staged files are root's, unreadable to others, with mode and group" {
  stage_files 1
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(answer .files)" = 2 ]
  [ "$(cat "$state/1/switch/tree/etc/shop/sub/two.conf")" = two ]
  [ "$(stat -c '%a %U %G' "$state/1/switch/tree/etc/shop/one.conf")" \
    = '640 root games' ]
  [ "$(stat -c '%a %U' "$state")" = '700 root' ]
  nothing_outside
  echo more >"$T/tree/etc/shop/one.conf"
  stage_files 1
  [ "$(cat "$state/1/switch/tree/etc/shop/one.conf")" = more ]
}

@test "of a hostile tar only what was asked for is taken" {
  cd "$T/tree"
  ln -s /etc/passwd etc/shop/link
  ln etc/shop/one.conf etc/shop/hard
  mkfifo etc/shop/pipe
  mknod etc/shop/device c 1 3
  echo evil >"$T/tree/evil"
  tar -P -cf "$T/tar" --transform "s|^evil|../../../../../..$T/pwned|" \
    evil etc/shop/one.conf etc/shop/link etc/shop/hard etc/shop/pipe \
    etc/shop/device
  tar -P -rf "$T/tar" --transform "s|^evil|$T/pwned|" evil
  tar -rf "$T/tar" --transform 's|^evil|etc/shop/link/x|' evil
  tar -rf "$T/tar" --transform 's|^evil|etc/shop/one.conf|' evil
  stage_tar etc/shop/one.conf
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(cd "$state/1/switch/tree" && find . -type f)" = ./etc/shop/one.conf ]
  [ "$(cat "$state/1/switch/tree/etc/shop/one.conf")" = one ]
  local name
  for name in link hard pipe device sub missing; do
    stage_tar "etc/shop/$name"
    [ "$status" -eq 10 ] || { echo "$name: $output"; false; }
  done
  nothing_outside
  [ ! -e "$T/pwned" ]
}

@test "a tar that is none, or ends early, is refused" {
  head -c 10240 /dev/urandom >"$T/tar"
  stage_tar etc/shop/one.conf
  [ "$status" -eq 10 ]
  : >"$T/tar"
  stage_tar etc/shop/one.conf
  [ "$status" -eq 10 ]
  status=0
  output=$(printf '%s\nshort' '{"application":"shop","tar_bytes":100,
    "files":[{"path":"etc/shop/x","mode":"0644"}]}' | tr -d '\n' |
    sed 's/short/\nshort/' | SSH_ORIGINAL_COMMAND='berth-guest 1 stage 1' \
    "$T/sbin/berth-guest" --config "$conf") || status=$?
  [ "$status" -eq 10 ]
  [[ $output == *'ended early'* ]]
  [ ! -e "$state/1/switch" ]
}

@test "a sparse member does not fill the disk" {
  truncate -s 8G "$T/tree/etc/shop/big"
  tar -C "$T/tree" -S -cf "$T/tar" etc/shop/big
  [ "$(stat -c %s "$T/tar")" -lt 100000 ]
  stage_tar etc/shop/big
  [ "$status" -eq 10 ]
  [ "$(du -sk "$state" | cut -f1)" -lt 20000 ]
}

@test "a place whose folder is a link or not root's is refused" {
  local change
  for change in "ln -s $T/home etc/shop" 'install -d -o nobody etc/shop' \
    'install -d -m 0775 etc/shop' 'install -d -m 1777 etc/shop' \
    'touch etc/shop' "install -d etc/shop/one.conf" \
    "install -D /dev/null etc/shop/sub"; do
    rm -rf "$T/prefix/etc"
    mkdir "$T/prefix/etc"
    (cd "$T/prefix" && $change)
    stage_files 1
    [ "$status" -eq 10 ] || { echo "$change: $output"; false; }
  done
  rm -rf "$T/prefix/etc/shop"
  mkdir "$T/prefix/etc/shop"
  ln -s /etc/passwd "$T/prefix/etc/shop/one.conf"
  stage_files 1
  [ "$status" -eq 10 ]
}

@test "a link planted between stage and switch is not followed" {
  stage_files 1
  [ "$status" -eq 0 ]
  ln -s "$T/home" "$T/prefix/etc/shop"
  guest switch 1 '{"application":"shop","slot":null}'
  [ "$status" -eq 10 ]
  [ -z "$(ls "$T/home")" ]
  guest status 1 '{"application":"shop"}'
  [ "$(answer .pending)" = null ]
}

@test "a slot is no place for rendered files, whatever guest.conf says" {
  guest checkout 1 "$(checkout_request svn trunk 4)"
  [ "$status" -eq 0 ]
  jq --arg t "$T" '.prefix = $t | .applications.shop.files = ["srv/"]' \
    "$conf" >"$conf.new"
  mv "$conf.new" "$conf"
  rm -rf "$T/tree"
  mkdir -p "$T/tree/srv/shop/a"
  echo x >"$T/tree/srv/shop/a/settings.py"
  stage_files 1
  [ "$status" -eq 10 ] || { echo "$output"; false; }
  rm -rf "$T/tree/srv/shop/a"
  mkdir -p "$T/tree/srv/shop/.berth"
  echo x >"$T/tree/srv/shop/.berth/a.json"
  stage_files 1
  [ "$status" -eq 10 ]
}

@test "restart tells where the error log stood, errors what came since" {
  printf 'before\n' >"$T/log/error.log"
  printf '#!/bin/sh\nprintf "bad \\033[1m \\377 \\302\\233 ü\\n" >>"$1"\n' \
    >"$T/reload"
  chmod 0755 "$T/reload"
  reload="[\"$T/reload\", \"$T/log/error.log\"]"
  guest_conf svn
  guest restart 1 '{"application":"shop"}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(answer .offset)" = 7 ]
  guest errors 1 '{"application":"shop","offset":7}'
  [ "$(answer .text)" = 'bad ?[1m ? ?? ü' ] || { echo "$output"; false; }
  [ "$(answer .cut)" = false ]
  head -c 100000 /dev/zero | tr '\0' 'x' >>"$T/log/error.log"
  guest errors 1 '{"application":"shop","offset":7}'
  [ "$(answer '.cut, (.text | length)' | tr '\n' ' ')" = 'true 16384 ' ]
  echo short >"$T/log/error.log"
  guest errors 1 '{"application":"shop","offset":7}'
  [ "$(answer .text)" = short ]
}

@test "a reload that starts a daemon does not hang, one that fails is told" {
  reload='["/bin/sh", "-c", "setsid sleep 5 & echo started"]'
  guest_conf svn
  guest restart 1 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  reload='["/bin/sh", "-c", "echo no such site; exit 7"]'
  guest_conf svn
  guest restart 1 '{"application":"shop"}'
  [ "$status" -eq 20 ]
  [ "$(answer '.lines | tostring')" = '["no such site"]' ]
}

@test "an error log behind a link, or in a folder of others, is not read" {
  ln -s /etc/shadow "$T/log/error.log"
  guest errors 1 '{"application":"shop","offset":0}'
  [ "$status" -eq 20 ]
  [[ $output != *root:* ]]
  rm "$T/log/error.log"
  chown nobody "$T/log"
  guest errors 1 '{"application":"shop","offset":0}'
  [ "$status" -eq 20 ]
  chown root "$T/log"
  mkfifo "$T/log/error.log"
  guest errors 1 '{"application":"shop","offset":0}'
  [ "$(answer .text)" = '' ]
}
