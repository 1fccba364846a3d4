#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-guest's door: commands, requests, guest.conf, the way to root.

# shellcheck disable=SC2015,SC2016,SC2034,SC2154

load ../lib/guest

setup_file() { guest_setup_file svn; guest_made; }
teardown_file() { guest_teardown_file; }
setup() { guest_setup; }
teardown() { guest_teardown; }

refused() {
  [ "$status" -eq 10 ] &&
    [ "$(answer '"\(.ok) \(.refused)"')" = 'false true' ] ||
    { echo "$1: $status $output"; false; }
}

@test "a command that is not the protocol's is refused" {
  local command
  for command in '' 'ls' 'berth-guest' 'berth-guest 1' 'berth-guest 1 status' \
    'berth-guest 1 status 0' 'berth-guest 1 status -1' \
    'berth-guest 1 status 1x' 'berth-guest 1 status 1 2' \
    'berth-guest  1 status 1' ' berth-guest 1 status 1' \
    'berth-guest 1 status 1;id' 'berth-guest 1 $(id) 1' \
    'berth-guest 1 deploy 1' 'berth-guest 1 ../x 1' 'berth-guest --root 1' \
    'berth-guest 1 status 1234567890123456' $'berth-guest 1 status 1\nid'; do
    send "$command" '{"application":"shop"}'
    refused "$command"
  done
}

@test "another version of the protocol is told apart" {
  send 'berth-guest 2 status 1' '{}'
  refused 2
  [ "$(answer .protocol)" = 1 ]
  send 'berth-guest 2 brandnew 1 x' '{}'
  [ "$(answer .protocol)" = 1 ]
}

@test "a request that is not one right JSON object is refused" {
  local request
  while IFS= read -r request; do
    guest status 1 "$request"
    refused "$request"
  done <<'REQUESTS'

{
[]
null
"shop"
garbage
{}{}
{"application":"shop"}{"application":"shop"}
{"application":"shop"} x
{"application":1}
{"application":null}
{"application":["shop"]}
{"application":"nosuch"}
{"application":"../shop"}
{"application":"shop\n"}
{"application":"shop\u0000"}
{"application":"shop","more":1}
{"application":"shop","job":1}
{"application":{"application":"shop"}}
REQUESTS
}

@test "arguments out of their bounds are refused, verb by verb" {
  local verb request
  while read -r verb request; do
    request=${request//SVN/'SHOP,"kind":"svn"'}
    request=${request//SHOP/'"application":"shop"'}
    request=${request//ETC/'"path":"etc/shop/'}
    request=${request//REPO/"\"repository\":\"$repository\""}
    guest "$verb" 1 "$request"
    refused "$verb $request"
  done <<'REQUESTS'
checkout {SHOP}
checkout {SVN,"repository":"file:///etc","path":"trunk","revision":2}
checkout {SHOP,"kind":"git",REPO,"path":"trunk","revision":"2"}
checkout {SVN,REPO,"path":"../etc","revision":2}
checkout {SVN,REPO,"path":"a/../b","revision":2}
checkout {SVN,REPO,"path":"-x","revision":2}
checkout {SVN,REPO,"path":"/x","revision":2}
checkout {SVN,REPO,"path":"x//y","revision":2}
checkout {SVN,REPO,"path":"x@1","revision":2}
checkout {SVN,REPO,"path":"x\u001b","revision":2}
checkout {SVN,REPO,"path":"x\u009b","revision":2}
checkout {SVN,REPO,"path":"x\ud800","revision":2}
checkout {SVN,REPO,"path":"","revision":2}
checkout {SVN,REPO,"path":"x","revision":"HEAD"}
checkout {SVN,REPO,"path":"x","revision":"-1"}
checkout {SVN,REPO,"path":"x","revision":1.5}
checkout {SVN,REPO,"path":"x","revision":true}
prepare {SHOP,"where":"a"}
prepare {SHOP,"where":"current"}
prepare {SHOP,"where":"idle"}
switch {SHOP,"slot":"c"}
switch {SHOP,"slot":"a"}
switch {SHOP}
settle {SHOP,"job":1,"commit":"yes"}
settle {SHOP,"job":2,"commit":true}
settle {SHOP,"job":0,"commit":true}
settle {SHOP,"job":nan,"commit":true}
errors {SHOP,"offset":-1}
errors {SHOP,"offset":1e400}
stage {SHOP,"tar_bytes":99999999999,"files":[{ETCx","mode":"0644"}]}
stage {SHOP,"tar_bytes":0,"files":[]}
stage {SHOP,"tar_bytes":0,"files":[{ETCx","mode":"4755"}]}
stage {SHOP,"tar_bytes":0,"files":[{ETCx","mode":420}]}
stage {SHOP,"tar_bytes":0,"files":[{ETC../x","mode":"0644"}]}
stage {SHOP,"tar_bytes":0,"files":[{"path":"/etc/shop/x","mode":"0644"}]}
stage {SHOP,"tar_bytes":0,"files":[{ETCa b","mode":"0644"}]}
stage {SHOP,"tar_bytes":0,"files":[{"path":"etc/passwd","mode":"0644"}]}
stage {SHOP,"tar_bytes":0,"files":[{ETCx","mode":"0644"},{ETCx","mode":"0644"}]}
REQUESTS
}

@test "bytes that are no line of JSON are refused" {
  guest status 1 "$(printf '{"application":"shop\xff"}')"
  refused 'bad UTF-8'
  guest status 1 "$(head -c 70000 /dev/zero | tr '\0' x)"
  refused huge
  guest status 1 "$(head -c 30000 /dev/zero | tr '\0' '[')"
  refused deep
  local bytes
  for bytes in '{"application":"sh\0op"}\n' '\0\0\0' '' '{"application":"shop"}'
  do
    status=0
    output=$(printf "%b" "$bytes" |
      SSH_ORIGINAL_COMMAND='berth-guest 1 status 1' "$T/sbin/berth-guest" \
      --config "$conf" 2>&1) || status=$?
    reply=$output
    refused "$bytes"
  done
}

@test "guest.conf counts only when it is root's alone" {
  guest status 1 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  local change
  for change in 'chown nobody etc/guest.conf' 'chmod g+w etc/guest.conf' \
    'chmod o+w etc/guest.conf' 'chown nobody etc' 'chmod o+w etc' \
    'ln -sf real etc/guest.conf' 'rm etc/guest.conf' \
    'ln -sfn real.d etc' 'mkdir etc/guest.conf'; do
    rm -rf "${T:?}/etc"
    mkdir "$T/etc"
    guest_conf svn
    cp "$conf" "$T/etc/real"
    case $change in
      *real.d*) mv "$T/etc" "$T/real.d" ;;
      mkdir*) rm "$conf" ;;
    esac
    (cd "$T" && $change)
    guest status 1 '{"application":"shop"}'
    [ "$status" -eq 20 ] || { echo "$change: $output"; false; }
    rm -rf "$T/real.d"
  done
}

@test "guest.conf is checked key by key, and says which is wrong" {
  local edit good
  good=$(cat "$conf")
  while IFS='|' read -r edit message; do
    jq "$edit" <<<"$good" >"$conf"
    guest status 1 '{"application":"shop"}'
    [ "$status" -eq 20 ] && [[ $(answer .error) == *"$message"* ]] ||
      { echo "$edit: $output"; false; }
  done <<'EDITS'
.version = 2|version
.extra = 1|extra
del(.applications)|applications
.applications.shop.rot = "/x"|unknown key rot
del(.applications.shop.root)|root is missing
.applications.shop.root = "srv"|root is not valid
.applications.shop.root = "/srv/../etc"|root is not valid
.applications.shop.user = "root"|user is not valid
.applications.shop.user = "no-such-user"|no user no-such-user
.applications.shop.kind = "cvs"|kind is not valid
.applications.shop.repository = "-oProxyCommand=x"|repository is not valid
.applications.shop.shared = ["../x"]|shared is not valid
.applications.shop.files = ["/etc/"]|files is not valid
.applications.shop.prepare = ["make"]|prepare is not valid
.applications.shop.reload = "reload"|reload is not valid
.applications.shop.reload = ["true"]|reload is not valid
.applications.shop.deadline = 0|deadline is not valid
.applications.shop.together = "blog"|together is not valid
EDITS
  echo '{' >"$conf"
  guest status 1 '{"application":"shop"}'
  [ "$status" -eq 20 ]
  { echo '# a comment'; sed '1a # another' <<<"$good"; } >"$conf"
  guest status 1 '{"application":"shop"}'
  [ "$status" -eq 0 ]
}

# check: of $conf, before it is used.
check() {
  run "$T/sbin/berth-guest" --check "$conf" </dev/null
  reply=${lines[-1]}
}
# as_if_named UID: the same of a guest with a user qa-other of that number, in a
# mount namespace of its own: the machine's accounts stay as they are.
as_if_named() {
  cp /etc/passwd "$T/passwd"
  printf 'qa-other:x:%s:60898::/nonexistent:/bin/false\n' "$1" >>"$T/passwd"
  run unshare -m bash -c 'mount --bind "$1/passwd" /etc/passwd || exit 99
    exec "$1/sbin/berth-guest" --check "$1/etc/guest.conf"' - "$T"
  reply=${lines[-1]}
}

# Each line: what is done to a guest.conf of two applications, and the words of
# the refusal, which the console has too (tests/unit/store/accounts_test.cpp).
clashes() {
  cat <<'CLASHES'
.[].user = "one" | shop and blog both have the user or group one, so that each can read
.shop.group = "blog" | both have the user or group blog, so that
.shop.user = "www-data" | www-data is the account of Apache, so that each site can read
.blog.group = "www-data" | www-data is the account of Apache, so that each site can read
.blog.root = .shop.root | the root of one is in that of the other
.blog.root = .shop.root + "/a/b" | the root of one is in that of the other
.shop.root = .blog.root + "/current" | the root of one is in that of the other
.shop.user = "nobody" | nobody cannot be the user or group of an application
.blog.group = "nogroup" | nogroup cannot be the user or group of an application
.shop.user = "berth" | berth cannot be the user or group of an application
.blog.user = "berth-filter" | berth-filter cannot be the user or group of an
.blog.group = "root" | root cannot be the user or group of an application
.[].user = "one" | .shop.together = ["blog"] | both have the user or group one
CLASHES
}

@test "two applications of a guest have accounts and roots of their own" {
  local good edit words
  jq '.applications |= ({shop: (.shop | .user = "shop"),
    blog: (.shop | .root += "-blog" | .user = "blog")})' "$conf" >"$conf.two"
  good=$(cat "$conf.two")
  cat "$conf.two" >"$conf"
  check
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  while read -r edit; do
    words=${edit##* | } edit=${edit% | *}
    jq ".applications |= ($edit)" <<<"$good" >"$conf"
    check
    [ "$status" -eq 20 ] && [[ $(answer .error) == *"$words"* ]] ||
      { echo "$edit: $output"; false; }
    # Neither is it used.
    guest status 1 '{"application":"shop"}'
    [ "$status" -eq 20 ] && [[ $(answer .error) == *"$words"* ]] ||
      { echo "status, $edit: $output"; false; }
  done < <(clashes)
  # Both say so: they are one.
  jq '.applications[] |= (.user = "games" | .together = ["shop", "blog"])' \
    <<<"$good" >"$conf"
  check
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  # An application that has a guest to itself.
  jq 'del(.applications.blog) | .applications.shop |= (.user = "games" |
    .group = "www-data")' <<<"$good" >"$conf"
  check
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "two names of one account are one account" {
  jq '.applications |= ({shop: (.shop | .user = "games"),
    blog: (.shop | .root += "-blog" | .user = "qa-other")})' "$conf" \
    >"$conf.two"
  cat "$conf.two" >"$conf"
  as_if_named 5
  [ "$status" -eq 20 ] || { echo "$output"; false; }
  [[ $(answer .error) == *'are one user of this guest, with the number 5' ]]
  as_if_named 0
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'the user qa-other is root' ]]
  as_if_named 65534
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'nobody and qa-other are one user'* ]] ||
    { echo "$output"; false; }
  as_if_named 60899
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# as_accounts GROUP GROUP LINE COMMAND...: on a guest with the users shop1 and
# wiki1, whose primary groups are the first two, and LINE in its group file.
as_accounts() {
  { cat /etc/passwd
    printf '%s:x:%s:%s::/nonexistent:/bin/false\n' shop1 60801 "$1" \
      wiki1 60802 "$2"; } >"$T/passwd"
  { cat /etc/group; printf '%s\n' shop1:x:60801: wiki1:x:60802: "$3"
  } >"$T/group"
  run unshare -m bash -c 'mount --bind "$1/passwd" /etc/passwd &&
    mount --bind "$1/group" /etc/group || exit 99
    cd "$1" && shift && exec "$@"' - "$T" "${@:4}"
  reply=${lines[-1]}
}

# shop1 and wiki1 had www-data as their primary group, and private ones in
# guest.conf: each could read what was rendered for the other's prepare.
@test "a group that guest.conf does not name is one in common, too" {
  local two
  two=("$T/sbin/berth-guest" --check "$conf")
  jq '.applications |= ({shop: (.shop | .user = "shop1" | .group = "shop1"),
    wiki: (.shop | .root += "-wiki" | .user = "wiki1" | .group = "wiki1")})' \
    "$conf" >"$conf.two"
  cat "$conf.two" >"$conf"
  as_accounts 60801 60802 users-x:x:60803:shop1,wiki1 "${two[@]}"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  as_accounts 33 33 x:x:60803: "${two[@]}"
  [ "$status" -eq 20 ] || { echo "$output"; false; }
  [[ $(answer .error) == *'the group www-data is Apache'* ]]
  as_accounts 60801 33 x:x:60803: "${two[@]}"
  [ "$status" -eq 20 ]
  as_accounts 60803 60803 x:x:60803: "${two[@]}"
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'is in the group x (60803), which'* ]]
  # A member of the other's group, by the group's list.
  as_accounts 60801 60803 x:x:60803:shop1 "${two[@]}"
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'shop1 is in the group x (60803), which wiki1'* ]]
  as_accounts 60803 60802 x:x:60803:wiki1 "${two[@]}"
  [ "$status" -eq 20 ]
  [[ $(answer .error) == *'wiki1 is in the group x (60803), which shop1'* ]]
  # Neither is anything staged for it.
  echo '{"application":"shop","tar_bytes":1,"files":[{"path":"etc/shop/x",
    "mode":"0640"}]}' | tr -d '\n' >"$T/request"
  echo >>"$T/request"
  as_accounts 60803 60803 x:x:60803: bash -c '
    SSH_ORIGINAL_COMMAND="berth-guest 1 stage 1" "$0" --config "$1" <request' \
    "$T/sbin/berth-guest" "$conf"
  [ "$status" -eq 20 ] || { echo "$output"; false; }
  [[ $(answer .error) == *'is in the group x (60803), which'* ]]
  # `group` left out: the primary one is that of the files.
  jq 'del(.applications[].group)' "$conf.two" >"$conf"
  as_accounts 33 60802 x:x:60803: "${two[@]}"
  [ "$status" -eq 20 ]
  # One for the other's sake, and one that has a guest to itself.
  jq '.applications[].together = ["shop", "wiki"]' "$conf.two" >"$conf"
  as_accounts 33 33 x:x:60803: "${two[@]}"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  jq 'del(.applications.wiki)' "$conf.two" >"$conf"
  as_accounts 33 33 x:x:60803: "${two[@]}"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "without the account that reads what programs print nothing is run" {
  sed -i 's/^kFilterAccount=.*/kFilterAccount=berth-filter-x/' \
    "$T/sbin/berth-guest.d/filter.bash"
  guest status 1 '{"application":"shop"}'
  [ "$status" -eq 20 ]
  [[ $(answer .error) == 'this guest has no user berth-filter-x, which reads'* ]]
  [[ $(answer .error) == *'run `berthctl enroll` for it on the console' ]]
  # Nor is it the application's own user.
  sed -i 's/^kFilterAccount=.*/kFilterAccount=games/' \
    "$T/sbin/berth-guest.d/filter.bash"
  guest status 1 '{"application":"shop"}'
  [ "$status" -eq 20 ]
  [[ $(answer .error) == 'the deploy user games is games, which is Berth'* ]]
}

# `1e999` of a server's "remote:" line was the number inf in the middle of JSON.
@test "numbers of progress are numbers of JSON, whatever a server sends" {
  run bash -c 'source "$1"; fail() { exit 99; }; find_filter
    output_limit=100000
    (run_filter git 2>/dev/null)' - "$T/sbin/berth-guest.d/filter.bash" <<'LINES'
Receiving objects: 99% (99999999999999999999/123456789012345678)
remote: Evil: 5% (1/1e999)
remote: Evil: 5% (0x1f/3)
remote: Evil: 5% (1/nan)
LINES
  [ "$status" -eq 0 ]
  jq -se 'map(.progress // empty) == [{done: 999999999999999,
    total: 123456789012345, unit: "objects", message: "Receiving objects"}] and
    (map(.log // empty) | length) == 3' <<<"$output"
}

@test "the example of guest.conf is valid" {
  sed 's/"\(user\|group\)": "shop"/"\1": "games"/' \
    "$top/sbin/guest/guest.conf.example" |
    sed "s|\"prefix\": \"\"|\"prefix\": \"$T/prefix\"|" >"$conf"
  guest status 1 '{"application":"shop"}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "status of a guest that was never built on" {
  guest status 7 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  [ "$(answer .protocol)" = 1 ]
  [ "$(answer .free_bytes)" -gt 0 ]
  [ "$(answer '[.current, .slots.a, .slots.b, .last_job, .pending]' |
    tr -d ' \n')" = '[null,null,null,null,null]' ]
}

@test "a job older than the last one is refused, status is not" {
  guest discard 5 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  guest discard 5 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  guest discard 4 '{"application":"shop"}'
  refused 4
  guest status 4 '{"application":"shop"}'
  [ "$status" -eq 0 ]
  [ "$(answer .last_job)" = 5 ]
}

@test "what is printed without jq is what jq prints" {
  local byte text json jq_called plain=0 texts=('' ' ' 'a b' '[]' ']' '^' '-')
  # shellcheck source=/dev/null
  source "$T/sbin/berth-guest.d/reply.bash"
  for byte in {1..255}; do
    printf -v text '%b' "\\x$(printf %x "$byte")"
    texts+=("$text" "a${text}b")
  done
  mapfile -t wanted < <(jq -cn '$ARGS.positional[]' --args "${texts[@]}")
  [ "${#wanted[@]}" -eq "${#texts[@]}" ]
  # shellcheck disable=SC2317
  jq() { echo 'jq was asked'; }
  for byte in "${!texts[@]}"; do
    as_json json "${texts[byte]}"
    [ "$json" != 'jq was asked' ] || continue
    [ "$json" = "${wanted[byte]}" ] || { echo "$json"; false; }
    plain=$((plain + 1))
  done
  [ "$plain" -eq $((7 + 93 * 2)) ] || { echo "$plain"; false; }
  unset -f jq
  as_json json $'a"\\\n\177ü\xff'
  [ "$json" = "$(jq -cn --arg text $'a"\\\n\177ü\xff' '$text')" ]
}

# bash takes traps from a child after it was forked, and a signal may be quicker.
@test "a child that still has the trap of its parent answers nothing" {
  local said
  # shellcheck disable=SC1091
  said=$(bash -c 'source "$1"; verb=restart at_exit="echo tidied"
    trap unanswered EXIT
    (trap unanswered EXIT; exit 3)
    child=$? at_exit=:
    done_with "{\"child\":$child}"' bash "$T/sbin/berth-guest.d/reply.bash")
  [ "$said" = '{"ok":true,"child":3}' ] || { echo "$said"; false; }
}

@test "the lock lies where the deploy user cannot reach it" {
  guest discard 1 '{"application":"shop"}'
  run setpriv --reuid nobody --clear-groups \
    flock -n "$T/prefix/var/lib/berth-guest/shop/lock" true
  [ "$status" -ne 0 ]
}

@test "root is reached through one line of sudoers, and not around it" {
  # A mount namespace of its own: the machine's sudoers stays as it is.
  mkdir "$T/sudoers.d"
  cat >"$T/sudoers" <<SUDOERS
Defaults env_reset
Defaults use_pty
nobody ALL=(root) NOPASSWD: $T/sbin/berth-guest --root --config $conf 1 *
SUDOERS
  chmod 0440 "$T/sudoers"
  cat >"$T/try" <<'TRY'
mount --bind "$1/sudoers" /etc/sudoers || exit 99
cd /
shift
exec setpriv --reuid nobody --regid nogroup --clear-groups "$@"
TRY
  as_nobody() { unshare -m bash "$T/try" "$T" "$@"; }
  run as_nobody env SSH_ORIGINAL_COMMAND='berth-guest 1 status 1' \
    BASH_ENV=/dev/null/x PATH=/nonexistent:/usr/bin:/bin \
    "$T/sbin/berth-guest" --config "$conf" <<<'{"application":"shop"}'
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  # Before it sudo may complain that it cannot resolve the machine's name.
  [[ ${lines[-1]} == '{"ok":true,'* ]]
  cp "$conf" "$T/etc/other.conf"
  run as_nobody sudo -n "$T/sbin/berth-guest" --root --config \
    "$T/etc/other.conf" 1 status 1 <<<'{"application":"shop"}'
  [ "$status" -eq 1 ]
  run as_nobody sudo -n "$T/sbin/berth-guest" --root --config "$conf" 1 \
    status 1 --config /etc/passwd <<<'{"application":"shop"}'
  [ "$status" -eq 10 ] || { echo "$output"; false; }
  run as_nobody "$T/sbin/berth-guest" --root --config "$conf" 1 status 1 \
    <<<'{"application":"shop"}'
  [ "$status" -eq 20 ]
}

@test "shellcheck finds nothing in the program's parts" {
  command -v shellcheck >/dev/null || skip "shellcheck is not installed"
  cd "$top/sbin/guest"
  run shellcheck -x berth-guest berth-guest.d/*.bash
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  run awk 'length > 80 {print FILENAME ":" FNR}' berth-guest berth-guest.d/*
  [ -z "$output" ] || { echo "$output"; false; }
}
