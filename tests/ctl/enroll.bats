#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Enrolment: berthctl enroll over an administrator's ssh, berth-enroll on the
# guest, and what berth's key opens there afterwards. On the lab's guests, whose
# sshd is a real one: root's login there is the administrator's.
# Needs a lab with guests and repository (LAB_DIR).
# shellcheck disable=SC2016,SC2154

bats_require_minimum_version 1.5.0
load ../lib/lab
load ../lib/hostile
load ../lib/wait

setup_file() {
  has_lab || return 0
  # ssh reads the home of passwd, and that is the machine's own root's.
  mkdir -p "$LAB_DIR/admin/bin"
  printf '#!/bin/sh\nexec /usr/bin/ssh -F %s "$@"\n' \
    "$LAB_DIR/admin/ssh_config" >"$LAB_DIR/admin/bin/ssh"
  chmod 0755 "$LAB_DIR/admin/bin/ssh"
}

setup() {
  need_lab
  known=$LAB_DIR/etc/berth/known_hosts
}

teardown() {
  [ -n "${BATS_TEST_COMPLETED-}" ] || echo "last output: ${output-}"
  [ ! -f "$LAB_DIR/etc/berth/guest/shop.json~" ] ||
    mv "$LAB_DIR/etc/berth/guest/shop.json~" \
      "$LAB_DIR/etc/berth/guest/shop.json"
}

ctl() { in_lab env PATH="$LAB_DIR/admin/bin:$LAB_DIR/usr/sbin:/usr/bin:/bin:/usr/sbin:/sbin" berthctl "$@"; }
reach() { in_lab -u berth berth-worker reach "$1"; }

@test "a guest is enrolled, again and again, with two versions kept" {
  in_lab sed -i '/^qa5 /d' "$known"
  run -1 reach qa5
  [[ "$output" == *"host key is unknown; run \`berthctl enroll qa5\`"* ]]
  for _ in 1 2 3; do run -0 ctl enroll qa5; done
  [[ "$output" == *"berth-guest 2 is on qa5"* ]]
  [[ "$output" == *"host key  SHA256:"*"(ED25519)"* ]]
  [[ "$output" == *"berth reaches it: shop"* ]]
  [ "$(grep -c '^qa5 ' "$known")" = 1 ]
  [ "$(grep -c '^qa4 ' "$known")" = 1 ]
  [ "$(on qa5 ls /usr/local/lib/berth-guest | wc -l)" = 2 ]
  run -0 on qa5 stat -c '%U:%G %a' /usr/local/sbin/../lib/berth-guest \
    /etc/berth/guest.conf /etc/sudoers.d/berth /home/berth /home/berth/.ssh \
    /home/berth/.ssh/authorized_keys
  [ "${lines[*]}" = "root:root 755 root:root 644 root:root 440 root:root 755 \
root:root 755 root:root 644" ]
  run -0 on qa5 stat -Lc '%U:%G %a' /usr/local/sbin/berth-guest
  [ "$output" = 'root:root 755' ]
  # Of what berth.conf says there is one truth.
  run -0 on qa5 jq -r '.applications.shop | .root, .kind, .repository' \
    /etc/berth/guest.conf
  [ "${lines[*]}" = "/srv/shop svn $SVN_URL" ]
}

@test "a guest is reached while the enrolling of another replaces known_hosts" {
  local config=$LAB_DIR/etc/berth/ssh_config relay
  run -0 ctl enroll qa5
  rm -f "$LAB_DIR/tmp/relay"
  in_lab "$top/tests/ctl/replacing_relay.py" "$LAB_DIR/tmp/relay" "$SSH_PORT_qa5" \
    "$known" 3>&- &
  relay=$!
  wait_until 20 test -f "$LAB_DIR/tmp/relay"
  cp -p "$config" "$config~"
  sed -i "s/^  Port $SSH_PORT_qa5\$/  Port $(cat "$LAB_DIR/tmp/relay")/" "$config"
  run reach qa5
  mv "$config~" "$config"
  kill "$relay"
  [ "$status" = 0 ]
  [[ "$output" == *"berth reaches it: shop"* ]]
}

keys_of() { on "$1" cat /home/berth/.ssh/authorized_keys; }

# The lab's console and the administrator's ssh are both 127.0.0.1 to a guest.
@test "berth's key opens a guest from the console's address alone" {
  run -0 ctl enroll qa5
  [[ "$output" == *"accepted from 127.0.0.1 only"* ]]
  [[ "$(keys_of qa5)" == 'restrict,from="127.0.0.1",command="'* ]]
  run -0 reach qa5
  # Elsewhere it opens nothing, and enrolling says so.
  run -1 ctl enroll qa5 --from 192.0.2.7,2001:db8::/32
  [[ "$output" == *"cannot reach it"*"--from in berthctl(8)"* ]]
  [[ "$(keys_of qa5)" == 'restrict,from="192.0.2.7,2001:db8::/32",command="'* ]]
  run -1 reach qa5
  run -0 ctl enroll qa5 --from '192.0.2.7,127.0.0.0/8'
  run -0 ctl enroll qa5 --from any
  [[ "$(keys_of qa5)" == 'restrict,command="'* ]]
  # What berth.conf says counts before what the session shows.
  in_lab cp -p "$BERTH_CONFIG" "$BERTH_CONFIG~"
  in_lab sed -i '/^\[console\]/a guest_from = ["127.0.0.1", "10.9.0.0/16"]' \
    "$BERTH_CONFIG"
  run ctl enroll qa5
  in_lab mv "$BERTH_CONFIG~" "$BERTH_CONFIG"
  [ "$status" -eq 0 ]
  [[ "$(keys_of qa5)" == 'restrict,from="127.0.0.1,10.9.0.0/16",command="'* ]]
  local bad
  for bad in 'a"b' 'a b' '127.0.0.1,' $'a\nb' 'x,command=id' ''; do
    run -64 ctl enroll qa5 --from "$bad"
  done
  # And one that got past us is refused over there, before the door is changed.
  run -0 in_lab sh -c 'berthctl enroll qa5 --payload - >"$LAB_DIR/tmp/tar"'
  on qa5 sh -c 'rm -rf /run/half && mkdir /run/half && tar -C /run/half -xf -' \
    <"$LAB_DIR/tmp/tar"
  on qa5 sh -c 'echo "127.0.0.1\",command=\"id" >/run/half/from'
  run -1 on qa5 bash -p /run/half/berth-enroll
  [[ "$output" == *"not an address"* ]]
  [[ "$(keys_of qa5)" == 'restrict,from="127.0.0.1,10.9.0.0/16",command="'* ]]
  on qa5 rm -rf /run/half
  run -0 ctl enroll qa5
}

@test "only root enrols, and nothing of berth's secrets is in what is sent" {
  run -1 in_lab -u berth "$LAB_DIR/usr/sbin/berthctl" enroll qa5
  [[ "$output" == *"run berthctl as root"* ]]
  run -0 in_lab sh -c 'berthctl enroll qa5 --payload - | tar -tf - | sort'
  [[ "$output" == *berth-enroll*berth-guest*guest.conf*key* ]]
  run in_lab sh -c 'berthctl enroll qa5 --payload - | grep -ac "$1"' - \
    "BEGIN.*PRIVATE\|$BERTH_DATABASE_PASSWORD\|$SHOP_DATABASE_PASSWORD"
  [ "$output" = 0 ]
  run -64 ctl enroll qa5 --login -oProxyCommand=id
  run -64 ctl enroll 'qa5;id'
}

@test "a guest that is not reached, or has no jq, is left as it is" {
  run -1 ctl enroll qa77
  [[ "$output" == *"enroll qa77 as root@qa77: exit code 255"* ]]
  run -0 in_lab sh -c 'berthctl enroll qa5 --payload - >"$LAB_DIR/tmp/tar"'
  on qa5 rm -rf /run/half
  on qa5 mkdir /run/half
  on qa5 tar -C /run/half -xf - <"$LAB_DIR/tmp/tar"
  before=$(on qa5 readlink /usr/local/sbin/berth-guest)
  run -1 on qa5 unshare -m --propagation unchanged bash -c 'mkdir -p /run/bin &&
    mount --bind /usr/bin /run/bin && mount -t tmpfs tmpfs /usr/bin &&
    /run/bin/ln -s /run/bin/* /usr/bin && rm /usr/bin/jq &&
    /run/half/berth-enroll'
  [[ "$output" == *"missing on this machine: jq; on Debian: apt-get install jq"* ]] ||
    { echo "$output"; false; }
  [ "$(on qa5 readlink /usr/local/sbin/berth-guest)" = "$before" ]
  on qa5 rm -rf /run/half
}

@test "a guest.conf that will not do is refused, and the old one stays" {
  local file=$LAB_DIR/etc/berth/guest/shop.json
  in_lab cp -p "$file" "$file~"
  on qa5 cp /etc/berth/guest.conf /run/before
  in_lab sh -c "jq '.root = \"/etc\"' $file~ >$file"
  run -1 ctl enroll qa5
  [[ "$output" == *"root is taken from [application.*] of berth.conf"* ]]
  in_lab sh -c "jq '.relaod = []' $file~ >$file"
  run -1 ctl enroll qa5
  [[ "$output" == *"unknown key relaod"* ]]
  in_lab sh -c "jq '.reload = [\"apachectl\"]' $file~ >$file"
  run -1 ctl enroll qa5
  [[ "$output" == *"applications.shop: reload is not valid"* ]]
  on qa5 cmp /etc/berth/guest.conf /run/before
  in_lab sh -c "jq '.user = \"nosuch\"' $file~ >$file"
  run ctl enroll qa5
  [[ "$output" == *"note: shop: this guest has no user nosuch yet"* ]]
  in_lab rm "$file"
  run -0 ctl enroll qa5
  [[ "$output" == *"shop is left out: no file "* ]]
  in_lab mv "$file~" "$file"
  run -0 ctl enroll qa5
}

@test "another host key is an error that says what to do" {
  local key=$LAB_DIR/admin/id_ed25519.pub
  in_lab sed -i '/^qa5 /d' "$known"
  in_lab sh -c "echo qa5 \$(cut -d' ' -f1,2 $key) >>$known"
  run -1 reach qa5
  [[ "$output" == *"differs from the recorded one"*"\`berthctl enroll qa5\`"* ]]
  run -1 ctl enroll qa5 </dev/null
  [[ "$output" == *"use --yes"* ]]
  run -1 reach qa5
  run -0 ctl enroll qa5 --yes
  # What berth itself once recorded of that name counts before root's file,
  # and is gone with the enrolment.
  in_lab sh -c "echo qa5 \$(cut -d' ' -f1,2 $key) \
    >$LAB_DIR/var/lib/berth/known_hosts/qa5"
  run -1 reach qa5
  [[ "$output" == *"differs from the recorded one"* ]]
  run -0 ctl enroll qa5 --yes
  [ ! -e "$LAB_DIR/var/lib/berth/known_hosts/qa5" ]
}

# guest_says TEXT: a berth-guest that answers this and nothing else.
guest_says() {
  on qa5 sh -c 'cat >/usr/local/sbin/fake && chmod 755 /usr/local/sbin/fake &&
    mv -T /usr/local/sbin/fake /usr/local/sbin/berth-guest' <<EOS
#!/bin/sh
head -n 1 >/dev/null
printf '%s\n' '$1'
exit ${2:-0}
EOS
}

@test "an older, a newer and a broken berth-guest are told apart" {
  guest_says '{"ok":true,"protocol":1,"free_bytes":1}'
  run -1 reach qa5
  [[ "$output" == *"too old (version 1,"*"\`berthctl enroll qa5\`"* ]]
  guest_says '{"ok":true,"version":999,"protocol":1,"free_bytes":1}'
  run -0 reach qa5
  guest_says '{"ok":false,"refused":true,"error":"x","protocol":2}' 10
  run -1 reach qa5
  [[ "$output" == *"newer than this console"*"upgrade the console"* ]]
  guest_says '{"ok":false,"refused":true,"error":"knows no shop"}' 10
  run -1 reach qa5
  [[ "$output" == *"knows no shop; run \`berthctl enroll qa5\`"* ]]
  guest_says 'Segmentation fault' 3
  run -1 reach qa5
  [[ "$output" == *"does not answer there"*"exit code 3"* ]]
  guest_says '{"ok":true' 0
  run -1 reach qa5
  [[ "$output" == *"does not answer there"* ]]
  on qa5 rm /usr/local/sbin/berth-guest
  run -1 reach qa5
  [[ "$output" == *"does not answer there"*"\`berthctl enroll qa5\`"* ]]
  # Each of them is mended the same way.
  run -0 ctl enroll qa5
}

@test "the key opens the verbs and nothing else" {
  local command
  for command in id 'sh -c id' 'berth-guest 1 status 1; id' /bin/sh \
    'berth-guest --root' 'scp -t /tmp' '' 'internal-sftp'; do
    # shellcheck disable=SC2086
    run as_key qa5 $command </dev/null
    [ "$status" -ne 0 ]
    [[ "$output" != *uid=* ]]
    [[ "${lines[*]}" == *'"ok":false'* ]]
  done
  run as_key qa5 -tt id </dev/null
  [[ "$output" == *'PTY allocation request failed'* ]]
  run as_key qa5 -s sftp </dev/null
  [ "$status" -ne 0 ]
  run as_key qa5 -o ExitOnForwardFailure=yes -R 127.0.0.1:0:127.0.0.1:1 id \
    </dev/null
  [ "$status" -eq 255 ]
  # A forwarding the other way is only refused when it is used.
  run as_key qa5 -W "127.0.0.1:$HTTP_PORT_qa5" </dev/null
  [[ "$output" == *"administratively prohibited"* ]]
  run as_key qa5 -A -o SendEnv=LC_ALL berth-guest 1 status 1 \
    <<<'{"application":"shop"}'
  [ "$status" -eq 0 ]
}

@test "what the user berth planted is led nowhere by the enrolment" {
  on qa6 sh -c 'cd /home/berth && chown berth . .ssh && rm -rf .ssh &&
    mkdir -p /root/.ssh/deep && ln -s /root/.ssh .ssh'
  on qa6 cp -p /root/.ssh/authorized_keys /run/roots
  run -0 ctl enroll qa6
  on qa6 cmp /root/.ssh/authorized_keys /run/roots
  on qa6 test ! -L /home/berth/.ssh
  # Links under the names that are written to, and a second door.
  on qa6 sh -c 'cd /home/berth/.ssh && chown berth . && rm -f * &&
    ln -s /root/.ssh/authorized_keys authorized_keys &&
    ln -s /root/.ssh/authorized_keys .authorized_keys.new &&
    cp /root/.ssh/authorized_keys authorized_keys2'
  run -0 ctl enroll qa6
  on qa6 cmp /root/.ssh/authorized_keys /run/roots
  [ "$(on qa6 ls -A /home/berth/.ssh)" = authorized_keys ]
  # A home that others can move is none.
  on qa6 chmod 0777 /home
  run -1 ctl enroll qa6
  [[ "$output" == *"/home must belong to root and be writable by root only"* ]]
  on qa6 chmod 0755 /home
  # And berth can change none of it.
  run on qa6 setpriv --reuid=berth --regid=berth --clear-groups \
    sh -c 'echo x >>/home/berth/.ssh/authorized_keys'
  [ "$status" -ne 0 ]
}

# killed_at N: berth-enroll, killed before its N-th command; true: it came so
# far.
killed_at() {
  on qa6 setsid -w bash -pT -c 'at=$1 n=0
    trap "((++n == at)) && kill -KILL 0" DEBUG
    set --
    source "$0"' /run/berth-enroll/berth-enroll "$1" >/dev/null 2>&1
  [ "$?" -eq 137 ]
}

# At every instant: the door is shut or the right one, and what is there works.
is_sound() {
  on qa6 sh -c '
    line="^restrict\(,from=\"127.0.0.1\"\)\?,command=\"/usr/local/sbin/berth-guest\" ssh-ed25519 [^ ]* \
berth@console\$"
    keys=/home/berth/.ssh/authorized_keys
    [ ! -e $keys ] || { [ "$(grep -c "$line" $keys)" = 1 ] &&
      [ "$(wc -l <$keys)" = 1 ]; } || exit 1
    [ ! -e /etc/sudoers.d/berth ] ||
      visudo -cqf /etc/sudoers.d/berth || exit 2
    [ ! -e /etc/berth/guest.conf ] ||
      jq -e .version /etc/berth/guest.conf >/dev/null || exit 3
    [ ! -e /usr/local/sbin/berth-guest ] ||
      /usr/local/sbin/berth-guest --version >/dev/null || exit 4
    visudo -cq || exit 5'
}

@test "killed at any instant, berth-enroll leaves old or new, and ends the next time" {
  local n=1 kills=0
  # From nothing, and from an enrolled guest.
  on qa6 rm -rf /usr/local/sbin/berth-guest /usr/local/lib/berth-guest \
    /etc/berth /etc/sudoers.d/berth /home/berth
  while [ "$n" -lt 2000 ]; do
    in_lab berthctl enroll qa6 --payload - >"$BATS_TEST_TMPDIR/tar"
    on qa6 sh -c 'umask 077; rm -rf /run/berth-enroll; mkdir /run/berth-enroll
      tar -C /run/berth-enroll -xf -' <"$BATS_TEST_TMPDIR/tar"
    killed_at "$n" || break
    kills=$((kills + 1))
    run is_sound
    [ "$status" -eq 0 ] || { echo "at $n: $status $output"; false; }
    n=$((n + ${FAULT_EVERY:-11}))
  done
  echo "$kills kills, $n commands"
  [ "$kills" -ge 10 ]
  run -0 ctl enroll qa6
  [ "$(on qa6 ls /usr/local/lib/berth-guest | wc -l)" -le 2 ]
  run -0 on qa6 find /usr/local/sbin /etc/berth /etc/sudoers.d /home/berth \
    -name '*new'
  [ -z "$output" ]
}

@test "a host key that is recorded as another guest's is not believed" {
  grep '^qa5 ' "$known" | sed 's/^qa5/qa99/' >>"$known"
  run ! ctl enroll qa5
  [[ "$output" == *"is already recorded for qa99"* ]]
  [ "$(grep -c '^qa5 ' "$known")" = 1 ]
  sed -i '/^qa99 /d' "$known"
  # Another name of the same machine is no other server.
  grep '^qa5 ' "$known" | sed 's/^qa5/qa5.example.com/' >>"$known"
  run -0 ctl enroll qa5
}

@test "a planted link, a hostile hook, tar and stdin change nothing outside" {
  change_nothing_outside qa5
}

# Both look while neither may write yet.
@test "of two guests that show one key at the same time one is recorded" {
  local said=$BATS_TEST_TMPDIR/said server
  cp -p "$known" "$BATS_TEST_TMPDIR/kept"
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$BATS_TEST_TMPDIR/key"
  printf 'berth-enroll %s\n' "version 1" \
    "hostkey $(cut -d' ' -f1,2 "$BATS_TEST_TMPDIR/key.pub")" done >"$said"
  exec 9>>"$SPOOL_DIR/lock/known_hosts"
  flock 9
  for server in qa71 qa72; do
    ctl enroll "$server" --said "$said" >"$BATS_TEST_TMPDIR/$server" 2>&1 \
      3>&- 9>&- &
  done
  for server in qa71 qa72; do
    wait_until 10 grep -q 'host key' "$BATS_TEST_TMPDIR/$server"
  done
  sleep 0.5
  exec 9>&-
  wait
  [ "$(grep -c '^qa7[12] ' "$known")" = 1 ]
  cat "$BATS_TEST_TMPDIR"/qa7[12] | grep 'is already recorded for qa7[12]'
  cp -p "$BATS_TEST_TMPDIR/kept" "$known"
}

@test "the account that reads what programs print is made, and missed by name" {
  run -0 ctl enroll qa5
  run -0 on qa5 getent passwd berth-filter
  [[ "$output" == *:/usr/sbin/nologin ]]
  on qa5 userdel berth-filter
  run -1 reach qa5
  [[ "$output" == *'no user berth-filter, which reads what programs print: run'* ]]
  run -0 ctl enroll qa5
  run -0 reach qa5
}

@test "applications that would read each other's secrets are not enrolled" {
  cp "$LAB_DIR/etc/berth/guest/shop.json" "$LAB_DIR/etc/berth/guest/shop.json~"
  sed -i '/"together"/d' "$LAB_DIR/etc/berth/guest/shop.json"
  run -1 ctl enroll qa5
  [[ "$output" == *'shop and shopgit both have the user or group shop'* ]]
  run ctl check
  [[ "$output" == *'shop and shopgit both have the user or group shop'* ]]
}
