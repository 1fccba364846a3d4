# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Builds in a running lab, and what must be true after any fault.

. "${BASH_SOURCE[0]%/*}/lab.bash"
. "${BASH_SOURCE[0]%/*}/api.bash"
. "${BASH_SOURCE[0]%/*}/sql.bash"
. "${BASH_SOURCE[0]%/*}/site.bash"

berthd_pid() { cat "$LAB_DIR/run/berthd.pid"; }

# Children of process $1 whose name is $2.
children() {
  local pid
  for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$2" ] || echo "$pid"
  done
}

# The process that works on job $1: its command line ends in that job's file.
worker_of() {
  local pid
  for pid in $(children "$(berthd_pid)" berth-worker); do
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null |
      grep -q "active/$1.json" && echo "$pid" && return
  done
}

# Until a base can be asked for: tidy sees it within moments of its publish.
need_base() {
  local end=$((SECONDS + 300))
  until call_api applications | jq -e --arg name "$1" \
    '.applications[] | select(.name == $name) | .bases | length > 0' \
    >/dev/null; do
    [ "$SECONDS" -lt "$end" ] || fail "no base of $1" || return 1
    sleep 0.2
  done
}

# Until berthd has seen that the cluster is back: a tidy looks now, where
# berthd would wait for the next one's time.
need_cluster() {
  local end=$((SECONDS + 300))
  worker tidy db1 || true
  until call_api clusters |
    jq -e '.clusters[0].reachable' >/dev/null; do
    [ "$SECONDS" -lt "$end" ] || fail "the cluster stays away" || return 1
    sleep 0.2
  done
}

# build SERVER PATH DATABASE: sets JOB. APPLICATION is shop or shopgit.
build() {
  local reply
  reply=$(call_api "servers/$1/builds" -X POST \
    -d "application=${APPLICATION:-shop}" -d "path=$2" -d "database=$3" \
    -d checkout=true)
  JOB=$(jq -r '.job // empty' <<<"$reply")
  [ -n "$JOB" ] || { echo "not accepted: $reply"; return 1; }
}

# blink [SECONDS]: a hundredth of one, without a process: a pipe that never says
# anything.
exec {silent_pipe}<> <(:)
blink() { read -r -t "${1:-0.01}" -u "$silent_pipe" _ || true; }

# wait_step JOB STEP: until it has started; 1 when the job ended before. PATIENCE
# makes this and wait_end wait that many times as long.
wait_step() {
  local file=$SPOOL_DIR/active/$1.steps text end=$((SECONDS + 200 * ${PATIENCE:-1}))
  while [ "$SECONDS" -lt "$end" ]; do
    text=
    [ ! -f "$file" ] || text=$(<"$file") 2>/dev/null
    case $text in
      *"\"step\":\"$2\",\"event\":\"start\""*) return 0 ;;
    esac
    if [ ! -f "$SPOOL_DIR/active/$1.json" ] &&
      [ ! -f "$SPOOL_DIR/queue/$1.json" ]; then
      return 1
    fi
    blink
  done
  echo "job $1 did not reach $2"
  return 2
}

# wait_end JOB: sets STATE. The console is asked once the spool has let go of
# the job: to ask it all the while would take the build's time.
wait_end() {
  local end=$((SECONDS + 400 * ${PATIENCE:-1}))
  while [ "$SECONDS" -lt "$end" ]; do
    if [ -f "$SPOOL_DIR/active/$1.json" ] ||
      [ -f "$SPOOL_DIR/queue/$1.json" ]; then
      blink 0.05
      continue
    fi
    STATE=$(call_api "jobs/$1" | jq -r .state 2>/dev/null)
    case $STATE in succeeded | failed | cancelled) return 0 ;; esac
    blink 0.1
  done
  echo "job $1 is still $STATE:"
  call_api "jobs/$1"
  tail -n 30 "$LAB_DIR/log/berthd.log" "$LOG_DIR/$1.log"
  return 1
}

fail() {
  echo "$*"
  return 1
}

# Copies of an application's bases that are no running job's.
copies_of_nobody() {
  local name names
  names=$(sql "select datname from pg_database
    where datname like 'berth\_%\_s\_$1\_%'") || return 1
  for name in $names; do
    [ -e "$SPOOL_DIR/active/${name##*_}.json" ] || echo "$name"
  done
}

# check_whole SERVER JOB: everything the issue promises after a fault.
check_whole() {
  local server=$1 job=$2 lines page shown marker left
  lines=$(grep -c "\"cause\":{\"job\":$job}.*\"event\":\"build\|\"event\":\"buil[^}]*\"cause\":{\"job\":$job}" \
    "$HISTORY_DIR/$server.jsonl")
  [ "$lines" = 1 ] || fail "job $job has $lines lines of history" || return 1
  [ ! -e "$SPOOL_DIR/active/$job.json" ] &&
    [ ! -e "$SPOOL_DIR/active/$job.steps" ] &&
    [ ! -e "$SPOOL_DIR/queue/$job.json" ] ||
    fail "job $job has ended and is still in the spool" || return 1
  shown=$(call_api "servers/$server")
  [ "$(jq -r .hold.user <<<"$shown")" = "$BERTH_USER" ] ||
    fail "the hold is lost: $shown" || return 1
  page=$(health "$server") || true
  # The demo's git repository counts its revisions as Subversion does, so there
  # only the branch can be compared.
  { [ "${APPLICATION:-shop}" = shopgit ] ||
    grep -qx "revision $(jq -r .configuration.revision <<<"$shown")" \
      <<<"$page"; } &&
    grep -qx "branch $(jq -r .configuration.path <<<"$shown")" <<<"$page" &&
    grep -qx "rows 120000" <<<"$page" ||
    fail "served: $page; believed: $(jq -c .configuration <<<"$shown")" ||
    return 1
  worker tidy db1 || fail "tidy failed" || return 1
  left=$(copies_of_nobody "${APPLICATION:-shop}") || fail "no answer" ||
    return 1
  [ -z "$left" ] || fail "copies left after one tidy: $left" || return 1
  [ "$(sql "select datallowconn from pg_database
    where datname = '${APPLICATION:-shop}_$server'")" = t ] ||
    fail "${APPLICATION:-shop}_$server takes no connections" || return 1
  marker=$(sql "select shobj_description(oid, 'pg_database') from pg_database
    where datname = '${APPLICATION:-shop}_$server'")
  [ "$(jq -r .kind <<<"$marker")" = live ] &&
    [ "$(jq -r .job <<<"$marker")" = \
      "$(jq -r .configuration.job <<<"$shown")" ] ||
    fail "marker $marker; believed $(jq -c .configuration <<<"$shown")" ||
    return 1
  # One that another job's file is written to just now is gone a moment later.
  for _ in 1 2 3; do
    left=$(find "$SPOOL_DIR/queue" "$SPOOL_DIR/active" -name '.*' -type f)
    [ -n "$left" ] || break
    blink 0.5
  done
  [ -z "$left" ] || fail "half-written files: $left" || return 1
}
