# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# berth-worker against the lab, without berthd: job files are put into active/
# by hand, and drive.py stands at the other end of descriptor 3.

. "${BASH_SOURCE[0]%/*}/lab.bash"
. "${BASH_SOURCE[0]%/*}/sql.bash"
. "${BASH_SOURCE[0]%/*}/site.bash"

# worker_start [PARTS]: with a lab of those parts, unless there is one. Its
# repository is a light one, unless LAB_LIGHT is set to nothing.
worker_start() {
  if [ -z "${LAB_DIR:-}" ]; then
    LAB_DIR=$(LAB_LIGHT=${LAB_LIGHT-1} "$LAB/up.sh" --only "${1:-postgres,repository,guests}" \
      --owner "$PPID")
    OWN_LAB=1
  fi
  export LAB_DIR OWN_LAB
  lab_env
  "$LAB/programs.sh"
  install -m 0755 "$top/tests/worker/drive.py" "$LAB_DIR/tmp/drive.py"
  # berthd makes it at its first start.
  # shellcheck disable=SC2016 # for the shell inside
  [ -f "${STATE_DIR%/state}/site" ] ||
    in_lab -u berth sh -c 'cat /proc/sys/kernel/random/uuid >"$1"' - \
      "${STATE_DIR%/state}/site"
  # One lab may serve several files: a guest takes no number twice.
  [ -f "$LAB_DIR/tmp/number" ] || echo 0 >"$LAB_DIR/tmp/number"
}

worker_stop() {
  [ -z "${OWN_LAB:-}" ] || "$LAB/down.sh" "$LAB_DIR"
}

# Sets N, F (the job's file) and STEPS.
next_job() {
  N=$(($(cat "$LAB_DIR/tmp/number") + 1))
  echo "$N" >"$LAB_DIR/tmp/number"
  F=$SPOOL_DIR/active/$N.json
  STEPS=$SPOOL_DIR/active/$N.steps
}

# put_job KIND SERVER APPLICATION ARGUMENTS [MEMBERS]
put_job() {
  next_job
  jq -n --argjson id "$N" --arg kind "$1" --arg server "$2" \
    --arg application "$3" --argjson arguments "$4" --argjson more "${5:-{\}}" \
    '{version: 1, id: $id, kind: $kind, server: $server,
      application: $application, user: "alice",
      token: "00000000000000000000000000000000",
      created_at: "2026-11-22T20:00:00Z", arguments: $arguments,
      attempt: 1, cancel: null, started: null} + $more' >"$F"
  chmod 0644 "$F"
  chown --reference="$SPOOL_DIR/active" "$F"
}

# build_job SERVER APPLICATION PATH DATABASE CHECKOUT [REVISION] [MEMBERS]
build_job() {
  put_job build "$1" "$2" "$(jq -n --arg application "$2" --arg path "$3" \
    --arg database "$4" --argjson checkout "$5" --arg revision "${6:-}" \
    '{application: $application, path: $path, database: $database,
      checkout: $checkout, note: "", release: "never",
      revision: (if $revision == "" then null else $revision end)}')" \
    "${7:-{\}}"
}

work() { worker job "$F"; }
# traced STRACE-WORDS...: the worker on the job, under strace; not its children.
# strace is root's: the worker keeps its memory from others of its account.
traced() {
  in_lab env HOME="$LAB_DIR/var/lib/berth/home" \
    strace -u berth -qq -o "$LAB_DIR/tmp/trace" "$@" \
    "$LAB_DIR/usr/sbin/berth-worker" job "$F"
}
# drive STEP ACTION [DELAY]: the worker with that done to it. With GATE, a file
# that berth can see, when that is there.
drive() {
  in_lab -u berth env DELAY="${3:-0}" GATE="${GATE:-}" \
    "$LAB_DIR/tmp/drive.py" "$STEPS" "$1" \
    "$2" -- "$LAB_DIR/usr/sbin/berth-worker" job "$F"
}
outcome() { tail -n 1 "$STEPS" | jq -r '.result.outcome'; }
# The job did; or its words and the end of its log.
succeeded() {
  [ "$(outcome)" = succeeded ] || {
    echo "job $N: $(outcome) $(result detail)"
    log_of | tail -n 30
    return 1
  }
}
result() { tail -n 1 "$STEPS" | jq -r ".result.$1"; }
log_of() { cat "$LOG_DIR/$N.log"; }
end_job() { rm -f "$F" "$STEPS"; }

# The base that the lab has been restored with.
publish_shop() {
  put_job publish "" shop '{"database": "shop_base", "data_at": null}'
  work
  succeeded || return
  end_job
}

# What a server serves, in one line, and the sanity of the cluster.
served() {
  health "$1" | tr '\n' ' '
  in_lab readlink "$LAB_DIR/guests/$1/srv/shop/current"
}
# No copy is left, and every live database takes connections.
cluster_is_tidy() {
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname ~ '^berth_.*_s_'
    OR (datname ~ '^shop' AND NOT datallowconn)")" = 0 ]
}
