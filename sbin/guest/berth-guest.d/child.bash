# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# Running what a verb starts, so that it can be cancelled whole.
#
# What runs as the deploy user gets a process namespace: when its first process
# is gone the kernel kills the rest, daemons with a session of their own
# included. (Rejected: looking for survivors by group or by a mark in their
# environment; a program that wants to stay can shed both.) Root's own commands
# get a process group only, because what a reload starts has to stay.
#
# If this script is killed, PDEATHSIG takes the child with it.

cancelled=
child=
child_status=1
watch=
grace_seconds=3
output_limit=16777216

# watch_stdin: tells the main process when the caller lets go of stdin, sends
# more than it announced, or the deadline is over. The parent is looked up
# before it is signalled, because its number may have a new owner by then.
watch_stdin() {
  local parent
  trap - USR1 USR2 TERM INT HUP
  IFS= read -r -d '' -n 1 -t "$deadline" -u 3 _
  if (($? > 128)); then signal=USR2; else signal=USR1; fi
  read -r _ _ _ parent _ <"/proc/$BASHPID/stat"
  [[ $parent == "$$" ]] && kill -"$signal" "$$"
}

# begin_cancellable: from here on the verb listens.
begin_cancellable() {
  trap 'cancel "cancelled"' USR1 TERM HUP INT
  trap 'cancel "the deadline of $deadline s in guest.conf is over"' USR2
  exec 3<&0
  (watch_stdin) 3<&3 9>&- >/dev/null 2>&1 &
  watch=$!
  exec 3<&-
}

# end_cancellable: from here on the verb goes through with it.
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

# kill_child: the namespace's first process if there is one, and not the
# `unshare` above it: that one waits until all the others are gone.
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

# wait_for_child: its exit status in $child_status.
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

# The first process of the namespace. It has to be one that takes TERM, because
# the kernel gives a first process no default action, and that waits until the
# command has taken it too.
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

# as_deploy FILTER COMMAND...: in the current folder, as the deploy user.
# Output goes through a filter (filter.bash) and to $job_folder/output. The
# array deploy_environment is all of its environment but the usual.
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

# as_root_command COMMAND...: output to $job_folder/output alone, as a file: a
# daemon that keeps its end of a pipe open would hold up the verb.
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

# wait_for_filter: what has come is still printed, unless the verb is cancelled:
# then no more than what it has begun to print.
wait_for_filter() {
  interrupted=1
  while [[ $interrupted ]]; do
    interrupted=
    [[ ! $cancelled ]] || kill -TERM -- "-$filter_process" 2>/dev/null
    wait "$filter_process"
  done
}

# last_lines: of the child's output, as a JSON array of 20 at most; without
# what svn says of each file.
last_lines() {
  local lines
  lines=$(tail -c 16384 -- "$job_folder/output" 2>/dev/null |
    (run_filter last 2>/dev/null))
  [[ $lines == '['*']' ]] || lines='[]'
  printf %s "$lines"
}
