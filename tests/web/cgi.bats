#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034,SC2016
# The real program, started as plain CGI from environment and stdin: what it
# leaves in the spool when the disk, or the process, fails at any step.
load ../lib/console
load ../lib/published

setup() {
  make_tree
  write_config
  publish_all
  # berthd is away, so that a build ends in a drop and is answered at once.
  rm -f "$tree/lib/state/health.json"
}
teardown() { stop_all; }

form='application=site&path=main&note=a+note'
# post [COMMAND...]: one build on qa2 through COMMAND; the reply in $reply.
post() {
  # stderr through a pipe: a limit on file sizes would hit a file.
  reply=$({ printf %s "$form" | env -i PATH="$PATH" \
    BERTH_CONFIG="$tree/etc/berth.conf" REQUEST_METHOD=POST \
    HTTP_HOST="127.0.0.1:$port" SERVER_NAME=127.0.0.1 \
    SERVER_PORT="$port" \
    SCRIPT_NAME=/berth/api PATH_INFO=/servers/qa2/builds REMOTE_USER=alice \
    AUTH_TYPE=Basic \
    CONTENT_TYPE=application/x-www-form-urlencoded \
    CONTENT_LENGTH="${#form}" "$@" "$top/build/bin/berth.fcgi" \
    2>&1 >&4 | cat >>"$BATS_TEST_TMPDIR/stderr"; } 4>&1)
}
# Whole drops in the spool; anything that is none, and no dot file, fails.
whole_drops() {
  local name n=0
  for name in "$tree"/spool/drop/*; do
    [ -e "$name" ] || continue
    /usr/bin/python3 -c 'import json, sys
drop = json.load(open(sys.argv[1]))
assert list(drop)[-1] == "end" and drop["user"] == "alice"' \
      "$name" || return
    n=$((n + 1))
  done
  echo $n
}

@test "a build becomes one whole drop, and a 202" {
  post
  [[ "$reply" == 'Status: 202 '* ]]
  [ "$(whole_drops)" = 1 ]
}

@test "a full disk is an error, not half a drop" {
  post bash -c 'ulimit -f 0; exec "$@"' limited
  [[ "$reply" == 'Status: 500 '* ]]
  [[ "$reply" == *application/problem+json* ]]
  [ "$(find "$tree/spool/drop" -mindepth 1 ! -name .waiters \
    ! -name '.undecided-*' | wc -l)" = 0 ]
  # The reason is the operator's, not the client's.
  grep -q 'File too large' "$BATS_TEST_TMPDIR/stderr"
  [[ "$reply" != *"$tree"* ]]
}

# Each call that makes the drop durable fails once; the client is told 202
# only when the drop is there.
@test "every write, fsync and rename that fails is told" {
  local call when tried=0
  for call in write:error=ENOSPC fsync:error=EIO renameat2:error=EIO \
    openat:error=EMFILE fchmod:error=EPERM; do
    for when in $(seq 1 25); do
      rm -f "$tree"/spool/drop/*.json
      post strace -qq -o "$BATS_TEST_TMPDIR/trace" \
        -e trace=write,fsync,renameat2,openat,fchmod \
        -e inject="$call:when=$when" || true
      grep -q INJECTED "$BATS_TEST_TMPDIR/trace" || break
      tried=$((tried + 1))
      case "$reply" in
        'Status: 202 '*) [ "$(whole_drops)" = 1 ] ;;
        # It may be there all the same, when the directory's fsync failed.
        *) [ "$(whole_drops)" -le 1 ] ;;
      esac
    done
  done
  echo "# $tried failures injected" >&3
  [ "$tried" -ge 10 ]
}

@test "killed at every such call it leaves a whole drop or none" {
  local call when tried=0
  for call in write fsync renameat2; do
    for when in $(seq 1 10); do
      rm -f "$tree"/spool/drop/*.json
      post strace -qq -o "$BATS_TEST_TMPDIR/trace" \
        -e trace=write,fsync,renameat2 \
        -e inject="$call:signal=KILL:when=$when" || true
      grep -q 'killed by SIGKILL' "$BATS_TEST_TMPDIR/trace" || break
      tried=$((tried + 1))
      [ -z "$reply" ]
      [ "$(whole_drops)" -le 1 ]
    done
  done
  echo "# killed $tried times" >&3
  [ "$tried" -ge 4 ]
}

@test "a reply that nobody reads is no crash" {
  post bash -c '"$1" | true; echo "${PIPESTATUS[0]}"' reader
  # Success, or told that the pipe broke: never a signal but SIGPIPE's.
  [[ "$reply" =~ ^(0|1|141)$ ]]
}

@test "TERM ends an idle FastCGI process with exit 0" {
  command -v spawn-fcgi >/dev/null || skip "spawn-fcgi is not installed"
  start_program
  local workers pid
  workers=$(pgrep -P "$(pid_of program)" -f 'berth\.fcgi$')
  [ "$(wc -w <<<"$workers")" = 4 ]
  for pid in $workers; do kill -TERM "$pid"; done
  for pid in $workers; do wait_until 5 is_gone "$pid"; done
}

@test "--version says it, another option is refused" {
  run "$top/build/bin/berth.fcgi" --version
  [ "$status" = 0 ]
  [[ "$output" == 'berth.fcgi '* ]]
  run "$top/build/bin/berth.fcgi" --nonsense
  [ "$status" = 64 ]
}
