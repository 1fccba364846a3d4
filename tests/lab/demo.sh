#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh: what `make demo` runs. Starts a lab, publishes the demo's data, does
# one reservation and one build through curl - printing every command, what it
# answered and how long each step took - and stays until Ctrl-C. Writes
# demo.env at the top of the tree (removed at the end).
#
# DEMO_ONESHOT=1: stops by itself, with 0 only if the built site answered with
# the right revision and the right data.
# LAB_APACHE=proxy: with mod_proxy_fcgi instead of mod_fcgid.
. "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || exec sudo -- env DEMO_ONESHOT="${DEMO_ONESHOT:-}" \
  LAB_APACHE="${LAB_APACHE:-}" FORCE="${FORCE:-}" "$(readlink -f "$0")"

finish() {
  trap - EXIT INT TERM
  if [ -n "${LAB_DIR:-}" ]; then
    tests/lab/down.sh "$LAB_DIR"
    say "stopped; nothing is left"
  fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

exec 5>&1
# run COMMAND...: shown as one would type it, with the password's variable; on
# descriptor 5, so that its output can go through a pipe.
run() {
  local word line=
  for word; do
    word=${word//"$BERTH_PASSWORD"/\$BERTH_PASSWORD}
    word=${word//"$BERTH_URL"/\$BERTH_URL}
    case "$word" in
      *[!A-Za-z0-9_./:=,@%+-]*) word="\"${word//\"/\\\"}\"" ;;
    esac
    line="$line $word"
  done
  printf '\n$%s\n' "$line" >&5
  "$@"
}

# A script driving the demo sources this; see issue and README.
write_env() {
  local name aside
  aside=$(mktemp "$top/.demo.env.XXXXXX")
  {
    for name in BERTH_URL BERTH_USER BERTH_PASSWORD BERTH_USER2 \
      BERTH_PASSWORD2 BERTH_ADMIN BERTH_ADMIN_PASSWORD LAB_DIR PGHOST PGPORT \
      SPOOL_DIR STATE_DIR HISTORY_DIR LOG_DIR; do
      printf '%s=%q\n' "$name" "$(lab_get "$name")"
    done
    printf 'BERTHD_PID=%q\n' "$(part_pid berthd)"
    # Not asked for by anybody, but handy: who to be on the cluster, the
    # repositories, and the address of the built sites.
    for name in BERTH_CONFIG SVN_URL GIT_URL SITE_URL; do
      printf '%s=%q\n' "$name" "$(lab_get "$name")"
    done
  } >"$aside"
  # Root's alone, or whose sudo it is.
  [ -z "${SUDO_UID:-}" ] || chown "$SUDO_UID" "$aside"
  mv "$aside" "$top/demo.env"
}

published() {
  curl -sf -u "$login" "$BERTH_URL/api/applications" |
    jq -e --arg name "$1" '.applications[] | select(.name == $name)
      | .bases | length > 0'
}

publish() {
  local name
  for name in shop shopgit; do
    run tests/lab/in.sh berthctl publish "$name" "${name}_base"
  done
  for name in shop shopgit; do
    wait_for 60 "the base of $name" published "$name" ||
      die "$(curl -s -u "$login" "$BERTH_URL/api/applications")"
  done
}

# follow URL: a line for each step that ended, until the job has.
follow() {
  local job state line
  local -A shown=()
  while :; do
    job=$(curl -sf -u "$login" "$1") || die "no answer from $1"
    state=$(jq -r .state <<<"$job")
    while read -r line; do
      if [ -n "$line" ] && [ -z "${shown[$line]:-}" ]; then
        printf '  %s\n' "$line"
        shown[$line]=1
      fi
    done < <(jq -r '.steps[] | select(.state == "done" or .state == "failed")
      | "\(.name): \(.state), \(.ms) ms"' <<<"$job")
    case "$state" in
      succeeded) break ;;
      failed | cancelled)
        jq . <<<"$job"
        curl -s -u "$login" "$1/log"
        die "the build $state: $(jq -r .detail <<<"$job")"
        ;;
    esac
    sleep 0.2
  done
  printf '  %s %s: %s ms in all\n' "job $(jq -r .id <<<"$job")" "$state" \
    "$(jq -r .duration_ms <<<"$job")"
}

# What the site must say, asked from Subversion and the base themselves.
check_site() {
  local page=$1 revision rows answer wanted
  revision=$(svn info --show-item last-changed-revision "$(lab_get SVN_URL)/trunk")
  rows=$(psql -qAtX -h "$(lab_get PGHOST)" -p "$(lab_get PGPORT)" -U shop \
    -d shop_qa1 -c 'SELECT count(*) FROM catalogue_sale')
  [ "$rows" = 120000 ] || die "shop_qa1 has $rows rows, not 120000"
  answer=$(curl -sf "${page%/}/health") || die "no answer from $page"
  for wanted in "branch trunk" "revision $revision" "database shop_qa1" \
    "rows $rows"; do
    grep -qx "$wanted" <<<"$answer" ||
      die "wrong site, not '$wanted' but: $answer"
  done
  curl -sf "$page" | grep -q '<h1>Shop</h1>' || die "wrong page at $page"
  say "the site answers with revision $revision and $rows rows"
}

build() {
  local reply location started
  run curl -s -u "$login" -X PUT --json '{"hours": 4, "note": "demo"}' \
    "$BERTH_URL/api/servers/qa1/reservation" | jq .
  reply=$LAB_DIR/headers
  started=$(date +%s%N)
  run curl -s -D "$reply" -u "$login" --json \
    '{"application": "shop", "path": "trunk", "database": "newest", "checkout": true, "note": "demo"}' \
    "$BERTH_URL/api/servers/qa1/builds" | jq .
  location=$(sed -n 's/^Location: *//Ip' "$reply" | tr -d '\r')
  [ -n "$location" ] || die "the build was not accepted: $(head -n 1 "$reply")"
  case "$location" in
    /*) location=${BERTH_URL%/berth}$location ;;
  esac
  printf '\n'
  follow "$location"
  printf '  seen from here: %s ms\n' "$((($(date +%s%N) - started) / 1000000))"
  run curl -s "$(lab_get SITE_URL)/qa1/health"
  check_site "$(lab_get SITE_URL)/qa1/"
  run curl -s -u "$login" -H 'Accept: text/plain' "$BERTH_URL/api/servers"
  run curl -s -u "$login" "$BERTH_URL/api/servers/qa1/history" |
    jq -r '.lines[] | [.at, .event, .user, .detail] | @tsv'
}

cd "$top"
packages/install.sh build run test
need_programs curl jq svn psql
make -s all
began=$(date +%s)
LAB_DIR=$(tests/lab/up.sh --owner $$)
export LAB_DIR
BERTH_URL=$(lab_get BERTH_URL)
BERTH_PASSWORD=$(lab_get BERTH_PASSWORD)
login=$(lab_get BERTH_USER):$BERTH_PASSWORD
write_env
say "the lab runs in $LAB_DIR (started in $(($(date +%s) - began)) s)"
publish
build
cat <<EOS

Open    $BERTH_URL/      as $(lab_get BERTH_USER), password $BERTH_PASSWORD
        $(lab_get SITE_URL)/qa1/       the built site
More users and where everything lies: demo.env
EOS
if [ -z "${DEMO_ONESHOT:-}" ]; then
  printf '\nCtrl-C stops it all.\n'
  # In the background, because a trap waits for a foreground child.
  tail -f --pid=$$ /dev/null &
  wait "$!"
fi
