# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# Runs a verb's commands so that they can be cancelled completely.
#
# A command of the deploy user gets a process namespace: when its first process
# ends, the kernel kills the rest, including daemons with a session of their
# own. (Rejected: searching for survivors by group or by a mark in their
# environment; a program that wants to survive can shed both.) A command of root
# gets a process group only, because what a reload starts must survive.
#
# If this script is killed, PDEATHSIG kills the child as well.

cancelled=
child=
child_status=1
watch=
grace_seconds=3
output_limit=16777216

# watch_stdin: signals the main process when the caller closes stdin or sends
# more than it announced, or when the deadline expires. The parent is checked
# before it is signalled, because its pid may be another process's by then.
watch_stdin() {
  local parent
  trap - USR1 USR2 TERM INT HUP
  IFS= read -r -d '' -n 1 -t "$deadline" -u 3 _
  if (($? > 128)); then signal=USR2; else signal=USR1; fi
  read -r _ _ _ parent _ <"/proc/$BASHPID/stat"
  [[ $parent == "$$" ]] && kill -"$signal" "$$"
}

# begin_cancellable: from here on the verb can be cancelled.
begin_cancellable() {
  trap 'cancel "cancelled"' USR1 TERM HUP INT
  trap 'cancel "the deadline of $deadline s in guest.conf has expired"' USR2
  exec 3<&0
  (watch_stdin) 3<&3 9>&- >/dev/null 2>&1 &
  watch=$!
  exec 3<&-
}

# end_cancellable: from here on the verb runs to its end.
end_cancellable() {
  trap '' USR1 USR2 TERM HUP INT
  kill "$watch" 2>/dev/null
  watch=
}

# cancel WHY: TERM for the child's group, and KILL after the grace.
cancel() {
  interrupted=1
  [[ $cancelled ]] && return
  cancelled=$1
  [[ $child ]] && stop_child
}

stop_child() {
  kill -TERM -- "-$child" 2>/dev/null
  (
    trap - USR1 USR2 TERM INT HUP
    for ((i = 0; i < grace_seconds * 5; i++)); do
      sleep 0.2
      [[ -e /proc/$child ]] || exit
    done
    kill_child
  ) 9>&- >/dev/null 2>&1 &
}

# kill_child: kills the namespace's first process if there is one, and not the
# `unshare` above it, which waits until all the others have ended.
kill_child() {
  local first=
  if [[ $child_is_space ]]; then
    read -r first _ <"/proc/$child/task/$child/children"
  fi 2>/dev/null
  if [[ $first ]]; then
    kill -KILL "$first"
  else
    kill -KILL -- "-$child"
  fi 2>/dev/null
}

# wait_for_child: sets $child_status to its exit status.
wait_for_child() {
  interrupted=1
  while [[ $interrupted ]]; do
    interrupted=
    wait "$child"
    child_status=$?
  done
  child=
}

fail_if_cancelled() {
  [[ $cancelled ]] && fail "$cancelled" '{"cancelled":true}'
}

# The first process of the namespace. It must handle TERM, because the kernel
# has no default action for a first process, and must wait until the command has
# handled it as well.
# shellcheck disable=SC2016
kFirstProcess='trap : TERM
env --default-signal=INT,QUIT "$@" &
wait "$!"
status=$?
while kill -0 "$!" 2>/dev/null; do
  wait "$!"
  status=$?
done
exit "$status"'

# as_deploy FILTER COMMAND...: runs it in the current folder as the deploy user.
# Output passes through a filter (filter.bash) and is copied to
# $job_folder/output. The array deploy_environment is added to the usual
# environment.
as_deploy() {
  local filter=$1 filter_process
  shift
  fail_if_cancelled
  exec 4> >(run_filter "$filter" 2>"$job_folder/output" 3<&- 5>&- 9>&-)
  filter_process=$!
  child_is_space=1
  setpriv --pdeathsig KILL setsid unshare --pid --fork \
    --propagation unchanged --mount-proc \
    setpriv --reuid "$uid" --regid "$gid" --init-groups --no-new-privs \
    --inh-caps=-all --bounding-set=-all --pdeathsig KILL \
    env -i --default-signal=PIPE,USR1,USR2,TERM,HUP,INT \
    PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 HOME="$home" \
    USER="$user" LOGNAME="$user" "${deploy_environment[@]}" \
    bash -pc "$kFirstProcess" bash "$@" \
    </dev/null >&4 2>&1 3<&- 4>&- 9>&- &
  child=$!
  [[ $cancelled ]] && stop_child
  exec 4>&-
  wait_for_child
  wait_for_filter
  fail_if_cancelled
  return "$child_status"
}

# as_root_command COMMAND...: writes its output to $job_folder/output only, a
# file: a daemon that keeps its end of a pipe open would block the verb.
as_root_command() {
  [[ ! $cancelled ]] || return 1
  child_is_space=
  setpriv --pdeathsig KILL setsid \
    env -i --default-signal=PIPE,USR1,USR2,TERM,HUP,INT PATH="$PATH" \
    LANG=C.UTF-8 HOME=/root "$@" \
    </dev/null >"$job_folder/output" 2>&1 3<&- 9>&- &
  child=$!
  [[ $cancelled ]] && stop_child
  wait_for_child
  return "$child_status"
}

# wait_for_filter: received output is still printed; if the verb is cancelled,
# only what the filter has begun to print.
wait_for_filter() {
  interrupted=1
  while [[ $interrupted ]]; do
    interrupted=
    [[ ! $cancelled ]] || kill -TERM -- "-$filter_process" 2>/dev/null
    wait "$filter_process"
  done
}

# last_lines: of the child's output, as a JSON array of at most 20, without
# svn's lines per file.
last_lines() {
  local lines
  lines=$(tail -c 16384 -- "$job_folder/output" 2>/dev/null |
    (run_filter last 2>/dev/null))
  [[ $lines == '['*']' ]] || lines='[]'
  printf %s "$lines"
}
