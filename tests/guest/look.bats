#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest read and check: what they show of the guest, and what they do not;
# and converge, which makes of it what Puppet wants.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

setup_file() { guest_setup_file svn; guest_made; }
teardown_file() { guest_teardown_file; }
setup() {
  guest_setup
  etc=$T/prefix/etc/shop
  state=$T/prefix/var/lib/berth-guest/shop
}
teardown() { guest_teardown; }

# look JOB PATH...
look() {
  guest read "$1" "$(printf '%s\n' "${@:2}" |
    jq -Rnc '{application: "shop", paths: [inputs]}')"
}
content() { answer ".files[$1].content" | base64 -d; }

@test "read gives content, mode and owner, and says what is not there" {
  mkdir -p "$etc"
  printf 'a\0b\377\n' >"$etc/one"
  : >"$etc/empty"
  chmod 0640 "$etc/one"
  chgrp games "$etc/one"
  look 1 etc/shop/one etc/shop/new/file etc/shop/empty
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(jq -c '.files | map([.path, .there, .mode, .owner, .size])' \
    <<<"$reply")" = '[["etc/shop/one",true,"0640","root:games",5],'\
'["etc/shop/new/file",false,null,null,null],'\
'["etc/shop/empty",true,"0644","root:root",0]]' ]
  content 0 | cmp - "$etc/one"
  [ "$(answer '.files[2].content')" = '' ]
  [ "$(answer .pending)" = null ]
}

@test "what does not fit is asked for again, what never will is told" {
  mkdir -p "$etc"
  head -c 98304 /dev/urandom >"$etc/most"
  head -c 98305 /dev/zero >"$etc/more"
  echo small >"$etc/small"
  look 1 etc/shop/most etc/shop/more etc/shop/small
  [ "$(jq -c '.files | map([.too_large, .content == null])' <<<"$reply")" = \
    '[[false,false],[true,true],[false,true]]' ]
  content 0 | cmp - "$etc/most"
  [ "${#reply}" -lt 262144 ]
  look 1 etc/shop/small
  [ "$(content 0)" = small ]
}

@test "read refuses links, specials, and places that guest.conf does not name" {
  mkdir -p "$etc/sub" "$T/prefix/etc/open"
  ln -s /etc/shadow "$etc/link"
  mkfifo "$etc/pipe"
  mknod "$etc/device" c 1 3
  echo secret >"$T/prefix/etc/other"
  ln -s "$T/prefix/etc" "$etc/up"
  chown nobody "$etc/sub"
  echo theirs >"$etc/sub/x"
  local path
  for path in link pipe device sub up/other sub/x ../other; do
    look 1 "etc/shop/$path"
    [ "$status" -eq 10 ] || { echo "$path: $output"; false; }
    [[ $reply != *content* ]]
  done
  for path in etc/other etc/shadow var/lib/berth-guest/shop/last /etc/shop/x; do
    look 1 "$path"
    [ "$status" -eq 10 ] || { echo "$path: $output"; false; }
  done
  # One of them refuses all.
  echo good >"$etc/good"
  look 1 etc/shop/good etc/other
  [ "$status" -eq 10 ]
  [[ $reply != *content* ]]
}

@test "a look takes no lock and no job number with it" {
  mkdir -p "$etc"
  echo x >"$etc/x"
  guest discard 5 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  look 9 etc/shop/x
  [ "$status" -eq 0 ]
  [ "$(cat "$state/last")" = 5 ]
  # Older than the last, and while another verb has the lock.
  exec 9>"$state/lock"
  flock 9
  look 3 etc/shop/x
  exec 9>&-
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(content 0)" = x ]
}

@test "read tells of a switch that is not settled" {
  mkdir -p "$T/tree/etc/shop"
  echo new >"$T/tree/etc/shop/x"
  stage_files 4
  guest switch 4 '{"application":"shop","slot":null}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  look 5 etc/shop/x
  [ "$(answer .pending)" = 4 ]
  guest discard 4 '{"application":"shop"}'
  look 5 etc/shop/x
  [ "$(answer .pending)" = null ]
}

# build_all JOB PATH REVISION: a checkout, the tree's files, the switch, its end.
build_all() {
  guest checkout "$1" "$(checkout_request "$guest_kind" "$2" "$3")"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  local slot
  slot=$(answer .slot)
  stage_files "$1"
  guest prepare "$1" '{"application":"shop","where":"idle"}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  guest switch "$1" "{\"application\":\"shop\",\"slot\":\"$slot\"}"
  guest settle "$1" "{\"application\":\"shop\",\"job\":$1,\"commit\":true}"
  guest discard "$1" '{"application":"shop"}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}
check() { guest check "$1" '{"application":"shop"}'; }
found() { jq -c "$1" <<<"$reply"; }
kFound='[.job, .moved, .files, .edits, .names]'

@test "after a build a check finds nothing, whatever prepare has made" {
  prepare='[["/bin/sh","-c","mkdir -p made; echo x >made/new; echo y >>run"]]'
  guest_conf svn
  mkdir -p "$T/tree/etc/shop"
  echo one >"$T/tree/etc/shop/one"
  check 1
  [ "$(found "$kFound")" = '[null,false,null,null,[]]' ]
  build_all 2 trunk 2
  check 3
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(found "$kFound")" = '[2,false,[],0,[]]' ]
  [ ! -e "$state/look" ]
}

@test "a check tells of files that differ and of edits, and what a build mends" {
  mkdir -p "$T/tree/etc/shop/sub"
  for i in 1 2 3 4; do echo "$i" >"$T/tree/etc/shop/$i"; done
  build_all 2 trunk 2
  echo x >>"$etc/1"
  rm "$etc/2"
  rm "$etc/3"
  ln -s /etc/passwd "$etc/3"
  chmod 0644 "$etc/4"
  slot=$T/srv/shop/a
  echo x >>"$slot/pkg/f1.py"
  echo x >"$slot/new"
  rm "$slot/run"
  mkdir "$slot/__pycache__"
  echo x >"$slot/__pycache__/a.pyc"
  echo x >"$slot/media/upload"
  check 3
  [ "$(found '.files | sort_by(.path)')" = '[{"path":"etc/shop/1","state":"changed"},'\
'{"path":"etc/shop/2","state":"missing"},'\
'{"path":"etc/shop/3","state":"replaced"},'\
'{"path":"etc/shop/4","state":"mode"}]' ] || { echo "$reply"; false; }
  [ "$(found '[.edits, (.names | sort)]')" = '[3,["new","pkg/f1.py","run"]]' ] ||
    { echo "$reply"; false; }
  # Looking has mended nothing, and the number of a look is in nobody's way.
  [ -L "$etc/3" ]
  rm "$etc/3"
  build_all 3 branches/x 4
  check 4
  [ "$(found "$kFound")" = '[3,false,[],0,[]]' ] || { echo "$reply"; false; }
  # current moved by hand
  ln -sfn a "$T/srv/shop/current"
  check 5
  [ "$(found .moved)" = true ]
}

@test "a check names the file whose name svn cannot read" {
  mkdir -p "$T/tree/etc/shop"
  echo one >"$T/tree/etc/shop/one"
  build_all 2 trunk 2
  slot=$T/srv/shop/a
  echo x >"$slot/größe"
  check 3
  [ "$(found '[.edits, .names]')" = '[1,["größe"]]' ] || { echo "$reply"; false; }
  echo x >"$slot/pkg/"$'bad\xff'
  check 4
  [ "$status" -eq 20 ] || { echo "$reply"; false; }
  [[ $(answer '.lines[]') == *"error: svn cannot read a name that is not UTF-8: "*bad*"remove or rename it"* ]] ||
    { echo "$reply"; false; }
}

@test "after an undo a check knows the files of before" {
  mkdir -p "$T/tree/etc/shop"
  echo one >"$T/tree/etc/shop/one"
  build_all 2 trunk 2
  echo two >"$T/tree/etc/shop/one"
  echo new >"$T/tree/etc/shop/new"
  build_all 3 branches/x 4
  guest undo 4 '{"application":"shop","job":3,"slot":"a","path":"trunk","revision":2}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  guest settle 4 '{"application":"shop","job":4,"commit":true}'
  guest discard 4 '{"application":"shop"}'
  check 5
  [ "$(found "$kFound")" = '[4,false,[],0,[]]' ] || { echo "$reply"; false; }
  echo x >"$etc/one"
  check 6
  [ "$(found '.files | map(.path)')" = '["etc/shop/one"]' ]
}

@test "of a switch by an older berth-guest the files are not known" {
  mkdir -p "$T/tree/etc/shop"
  echo one >"$T/tree/etc/shop/one"
  build_all 2 trunk 2
  rm "$state/undo/2/placed" "$T/srv/shop/.berth/a.built"
  check 3
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(found '[.job, .files]')" = '[2,null]' ]
}

converge_with() {
  jq --arg script "$1" \
    '.applications.shop.converge = ["/bin/sh", "-c", $script]' "$conf" \
    >"$conf.new"
  mv "$conf.new" "$conf"
  guest converge 1 '{"application":"shop"}'
}

@test "converge reads exit statuses as Puppet means them" {
  guest status 1 '{"application":"shop"}'
  [ "$(found .converge)" = false ]
  guest converge 1 '{"application":"shop"}'
  [ "$status" -eq 10 ]
  [[ $(answer .error) == *"no converge command"* ]]
  converge_with 'id -u; printf "\033[32mNotice: fine\033[0m\n"; exit 0'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(found '[.changed, .status]')" = '[false,0]' ]
  [[ $output == *'{"log":"0"}'*'{"log":"Notice: fine"}'* ]]
  guest status 1 '{"application":"shop"}'
  [ "$(found .converge)" = true ]
  converge_with 'exit 2'
  [ "$(found '[.ok, .changed]')" = '[true,true]' ]
  local code
  for code in 1 3 4 6; do
    converge_with "echo told; exit $code"
    [ "$status" -eq 20 ]
    [[ $output == *'{"log":"told"}'* ]]
    [ "$(found .status)" = "$code" ]
    case $code in
      1) [[ $(answer .error) == *"could not run"*"another run"* ]] ;;
      4 | 6) [[ $(answer .error) == *"some resources failed" ]] ;;
    esac
  done
}

@test "converge is cancelled with all that it started" {
  jq '.applications.shop.converge = ["/bin/sh", "-c",
    "sleep 1000.25 & wait"]' "$conf" >"$conf.new"
  mv "$conf.new" "$conf"
  begin converge 1 '{"application":"shop"}'
  wait_until 20 running 1000.25
  let_go
  finish
  [ "$status" -eq 20 ]
  [ "$(answer .cancelled)" = true ]
  wait_until 20 not_running 1000.25
}
