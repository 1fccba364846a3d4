#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh: what `make demo` runs. Starts a lab, refreshes the data from a dump,
# reserves a server, builds on it, builds a branch from a spare and undoes that
# again, all through curl - printing every command, what it answered and how
# long each step took - and stays until Ctrl-C. Writes demo.env at the top of
# the tree (removed at the end).
#
# DEMO_ONESHOT=1: stops by itself, with 0 only if the built site answered with
# the right revision and the right data, each time.
# LAB_APACHE=proxy: with mod_proxy_fcgi instead of mod_fcgid.
. "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || exec sudo -- env DEMO_ONESHOT="${DEMO_ONESHOT:-}" \
  LAB_APACHE="${LAB_APACHE:-}" FORCE="${FORCE:-}" "$(readlink -f "$0")"

finish() {
  trap - EXIT INT TERM
  if [ -n "${LAB_DIR:-}" ]; then
    say "stopping everything and deleting $LAB_DIR; this can take a minute"
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
# descriptor 5, so that its output can go through a pipe, which `through` names.
run() {
  local word line=
  for word; do
    word=${word//"$BERTH_PASSWORD"/\$BERTH_PASSWORD}
    word=${word//"$BERTH_ADMIN_PASSWORD"/\$BERTH_ADMIN_PASSWORD}
    word=${word//"$LAB_DIR"/\$LAB_DIR}
    word=${word//"$BERTH_URL"/\$BERTH_URL}
    case "$word" in
      *[!A-Za-z0-9_./:=,@%+-]*) word="\"${word//\"/\\\"}\"" ;;
    esac
    line="$line $word"
  done
  printf '\n$%s\n' "$line${through:+ | $through}" >&5
  "$@"
}

# A script that drives the demo sources this; docs/tour.md uses it by hand.
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

# api PATH: what alice reads there.
api() { curl -sf -u "$login" "$BERTH_URL/api/$1"; }

published() {
  api applications | jq -e --arg name "$1" '.applications[]
    | select(.name == $name) | .bases | length > 0'
}

spare_ready() {
  api applications | jq -e '.applications[] | select(.name == "shop")
    | .spares > 0'
}

# The night's work, by day: dump, restore, scrub, publish.
refresh() {
  post "$(lab_get BERTH_ADMIN):$BERTH_ADMIN_PASSWORD" applications/shop/refresh '{}'
  wait_for 60 "the base of shop" published shop || die "$(api applications)"
  run curl -s -u "$login" -H 'Accept: text/plain' "$BERTH_URL/api/applications"
}

# post LOGIN PATH JSON: and follows the job to its end.
post() {
  local reply=$LAB_DIR/headers location started
  started=$(date +%s%N)
  through='jq .' run curl -s -D "$reply" -u "$1" --json "$3" \
    "$BERTH_URL/api/$2" | jq .
  location=$(sed -n 's/^Location: *//Ip' "$reply" | tr -d '\r')
  [ -n "$location" ] || die "it was not accepted: $(head -n 1 "$reply")"
  case "$location" in
    /*) location=${BERTH_URL%/berth}$location ;;
  esac
  printf '\n'
  follow "$location"
  printf '  seen from here: %s ms\n' "$((($(date +%s%N) - started) / 1000000))"
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

# check_site BRANCH: what the site must say, asked from Subversion and the
# database themselves.
check_site() {
  local page revision rows answer wanted left
  page=$(lab_get SITE_URL)/qa1
  revision=$(svn info --show-item last-changed-revision \
    "$(lab_get SVN_URL)/$1")
  rows=$(shop_sql 'SELECT count(*) FROM catalogue_sale')
  [ "$rows" = 120000 ] || die "shop_qa1 has $rows rows, not 120000"
  left=$(shop_sql "SELECT count(*) FROM catalogue_sale
    WHERE email NOT LIKE '%.invalid'
    OR (id <= 1000) <> (email LIKE '%@qa1.invalid')")
  [ "$left" = 0 ] || die "$left addresses are not what the scripts make them"
  run curl -s "$page/health"
  answer=$(curl -sf "$page/health") || die "no answer from $page"
  for wanted in "branch $1" "revision $revision" "database shop_qa1" \
    "rows $rows"; do
    grep -qx "$wanted" <<<"$answer" ||
      die "wrong site, not '$wanted' but: $answer"
  done
  curl -sf "$page/" | grep -q '<h1>Shop</h1>' || die "wrong page at $page/"
  say "the site answers with $1, revision $revision and $rows rows"
}

shop_sql() {
  psql -qAtX -h "$(lab_get PGHOST)" -p "$(lab_get PGPORT)" -U shop \
    -d shop_qa1 -c "$1"
}

# build PATH: code and data.
build() {
  local request
  request='{"application": "shop", "path": "'$1'", "database": "newest",'
  request+=' "checkout": true, "note": "demo"}'
  post "$login" servers/qa1/builds "$request"
  check_site "$1"
}

# A branch, its data from a spare; and back again, data and all.
build_and_undo() {
  local log
  wait_for 60 "a spare" spare_ready || die "$(api applications)"
  build branches/checkout-2
  log=$(api "jobs/$(api servers/qa1 | jq .configuration.job)/log")
  grep 'spare' <<<"$log" || die "not built from a spare: $log"
  post "$login" servers/qa1/undo '{}'
  check_site trunk
}

show() {
  run curl -s -u "$login" -H 'Accept: text/plain' "$BERTH_URL/api/servers"
  local lines='.lines[] | [.at, .event, .user, .detail] | @tsv'
  through="jq -r '$lines'" run curl -s -u "$login" \
    "$BERTH_URL/api/servers/qa1/history" | jq -r "$lines"
}

cd "$top"
packages/install.sh build run test
need_programs curl jq svn psql
make -s all
began=$(date +%s)
LAB_DIR=$(LAB_DEMO=1 tests/lab/up.sh --owner $$)
export LAB_DIR
BERTH_URL=$(lab_get BERTH_URL)
BERTH_PASSWORD=$(lab_get BERTH_PASSWORD)
BERTH_ADMIN_PASSWORD=$(lab_get BERTH_ADMIN_PASSWORD)
login=$(lab_get BERTH_USER):$BERTH_PASSWORD
write_env
say "the lab runs in $LAB_DIR (started in $(($(date +%s) - began)) s)"
refresh
through='jq .' run curl -s -u "$login" -X PUT --json '{"hours": 4, "note": "demo"}' \
  "$BERTH_URL/api/servers/qa1/reservation" | jq .
build trunk
build_and_undo
show
cat <<EOS

Open    $BERTH_URL/      as $(lab_get BERTH_USER), password $BERTH_PASSWORD
        $(lab_get SITE_URL)/qa1/       the built site
More users and where everything lies: demo.env. In a second shell, here:
        set -a; . ./demo.env; set +a; PATH=\$PWD/sbin:\$PATH
EOS
if [ -z "${DEMO_ONESHOT:-}" ]; then
  printf '\nCtrl-C stops it all, and so does kill -TERM %s.\n' "$$"
  # In the background, because a trap waits for a foreground child.
  tail -f --pid=$$ /dev/null &
  wait "$!"
fi
