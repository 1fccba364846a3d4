# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# What whoever has a shell on a guest, or berth's key, may try; and that nothing
# outside the application's own folders is changed by it. Loaded
# after lab.bash.

as_key() { # GUEST SSH-OPTION... [-- COMMAND]: what berth's key can do there
  local guest=$1
  shift
  in_lab -u berth timeout 200 ssh -F "$LAB_DIR/etc/berth/ssh_config" \
    -o BatchMode=yes "$guest" "$@"
}

# verb GUEST VERB JOB JSON [FILE]: over berth's key, stdin held open as the
# worker does; the last line is $reply.
verb() {
  local fifo=$BATS_TEST_TMPDIR/stdin
  mkfifo "$fifo"
  exec 7<>"$fifo"
  { printf '%s\n' "$4"; [ -z "${5-}" ] || cat "$5"; } >&7 3>&- &
  status=0
  output=$(as_key "$1" berth-guest 1 "$2" "$3" <"$fifo" 3>&- 7>&-) || status=$?
  exec 7>&-
  rm -f "$fifo"
  reply=${output##*$'\n'}
}

# What was made, changed or removed on a guest since $since was there, but for the
# application's own folders and what any process there writes to. By the time of
# an inode's change, which nobody can set.
since=/var/tmp/before
outside() { # GUEST [FOLDER...]
  local guest=$1
  shift
  [ $# -gt 0 ] || set -- / /usr/local
  on "$guest" find "$@" -xdev \( -path /srv/shopgit -o -path /srv/shop \
    -o -path /var/lib/berth-guest -o -path /var/log -o -path /run \
    -o -path /var/lib/systemd -o -path /var/cache \
    -o -path /proc -o -path /dev -o -path /tmp -o -path /var/tmp \) -prune -o \
    -cnewer "$since" -print
}

# change_nothing_outside GUEST: a planted link, a hostile hook, tar and stdin.
# On a guest whose application shopgit has a base folder to check out into.
change_nothing_outside() {
  local guest=$1 hash commit slot text dir=$BATS_TEST_TMPDIR
  hash=$(in_lab git ls-remote "$GIT_URL" refs/heads/master refs/heads/trunk \
    refs/heads/main | head -n 1 | cut -f1)
  commit='{"application":"shopgit","kind":"git","repository":"'$GIT_URL'",
    "path":"x","revision":"'$hash'"}'
  commit=${commit//$'\n'/}
  on "$guest" touch "$since"
  # It would be seen.
  on "$guest" touch /etc/berth/come
  [[ $(outside "$guest" /etc) == *"/etc/berth/come"* ]]
  on "$guest" sh -c 'rm /etc/berth/come; sleep 0.1; touch "$1"' - "$since"
  verb "$guest" checkout 900001 "$commit"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  slot=/srv/shopgit/$(jq -r .slot <<<"$reply")
  # As the deploy user, who is a tester with a shell there: links where files
  # and folders were, hooks and settings of git that run a program.
  on "$guest" setpriv --reuid=shop --regid=shop --clear-groups bash -c 'cd "$1" &&
    rm -rf catalogue manage.py && ln -s /etc catalogue &&
    ln -s /etc/passwd manage.py && ln -s /root x && ln -s / media2 &&
    mkdir -p .git/hooks .git/info &&
    printf "#!/bin/sh\nid >/tmp/hook-was-here\necho x >/etc/hook\n" \
      >.git/hooks/post-checkout && chmod 755 .git/hooks/post-checkout &&
    git config core.fsmonitor "$1/.git/hooks/post-checkout" &&
    git config core.hooksPath "$1/.git/hooks" &&
    git config filter.x.smudge "$1/.git/hooks/post-checkout" &&
    echo "* filter=x" >.git/info/attributes' - "$slot"
  verb "$guest" checkout 900002 "$commit"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  verb "$guest" switch 900002 '{"application":"shopgit","slot":"'"$(jq -r .slot \
    <<<"$reply")"'"}'
  verb "$guest" discard 900002 '{"application":"shopgit"}'
  verb "$guest" checkout 900003 "$commit"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  on "$guest" test ! -e /tmp/hook-was-here
  # A tar that goes up, out, through a link, and brings a device.
  mkdir -p "$dir/t/etc/shop"
  echo evil >"$dir/t/evil"
  ln -s /etc "$dir/t/etc/shop/link"
  (cd "$dir/t" && tar -cPf "$dir/tar" --transform 's,^evil,../../../etc/evil,' \
    evil && tar -rPf "$dir/tar" --transform 's,^evil,/etc/evil2,' evil &&
    tar -rPf "$dir/tar" etc/shop/link &&
    tar -rPf "$dir/tar" --transform 's,^evil,etc/shop/link/evil3,' evil &&
    tar -rPf "$dir/tar" --transform 's,^evil,etc/shop/fine,' evil &&
    tar -rPf "$dir/tar" -C / dev/null)
  verb "$guest" stage 900004 '{"application":"shopgit","tar_bytes":'"$(stat -c %s \
    "$dir/tar")"',"files":[{"path":"etc/shop/fine","mode":"0640"}]}' "$dir/tar"
  verb "$guest" discard 900004 '{"application":"shopgit"}'
  # stdin that is no request at all.
  for text in '{"application":"../../etc"}' '$(id)' "$(head -c 70000 /dev/zero |
    tr '\0' '[')" '{"application":"shopgit","config":"/tmp/x"}'; do
    verb "$guest" status 900005 "$text"
    [ "$status" -eq 10 ]
  done
  run -0 outside "$guest"
  [ -z "$output" ] || { echo "changed: $output"; false; }
}
