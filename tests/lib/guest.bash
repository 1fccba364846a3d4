# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A guest for tests of berth-guest: a folder T with a copy of the program, its
# guest.conf, a repository and an application "shop" whose deploy user is
# games. The account that reads what programs print is nobody there, because the
# machine that runs the tests is no guest. Needs root, as the program does.
#
# It is made once per file and copied for each test, always to the same place,
# because a working copy knows its repository by the whole path. So the tests
# of one file cannot run side by side.

top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
. "$top/tests/lib/wait.bash"

# guest_setup_file svn|git: for setup_file. More can be done to it before
# guest_made.
guest_setup_file() {
  [ "$(id -u)" = 0 ] || skip "needs root"
  export BATS_NO_PARALLELIZE_WITHIN_FILE=true
  # svn sleeps after each command otherwise. The program never sees this: it
  # clears its environment.
  export SVN_I_LOVE_CORRUPTED_WORKING_COPIES_SO_DISABLE_SLEEP_FOR_TIMESTAMPS=y
  GUESTS=$(mktemp -d "$(scratch)/berth-guest.XXXXXX")
  export GUESTS guest_kind=$1
  chmod 0755 "$GUESTS"
  T=${GUESTS:?}/guest
  mkdir -p "$T"/{sbin,etc,srv,log,home} "$T/prefix/etc"
  cp -R "$top"/sbin/guest/berth-guest* "$T/sbin"
  chown -R 0:0 "$T/sbin"
  chmod -R go-w "$T/sbin"
  sed -i 's/^kFilterAccount=.*/kFilterAccount=nobody/' \
    "$T/sbin/berth-guest.d/filter.bash"
  HOME=$T/home "guest_repository_$1"
  guest_variables
  guest_conf "$1"
}

guest_made() { mv "$GUESTS/guest" "$GUESTS/made"; }

guest_teardown_file() {
  [ ! -d "${GUESTS-}" ] || rm -rf --one-file-system "$GUESTS"
}

guest_setup() {
  T=${GUESTS:?}/guest
  export HOME=$T/home
  cp -a "$GUESTS/made" "$T"
  guest_variables
}

guest_variables() {
  conf=$T/etc/guest.conf under=()
  prepare='[]' configtest='["/bin/true"]' reload='["/bin/true"]' deadline=60
  "guest_variables_$guest_kind"
}

# scratch: in memory where programs may run there, because the loops wait for
# thousands of fsyncs otherwise.
scratch() {
  local probe
  if [ -z "${TMPDIR-}" ] && probe=$(mktemp /dev/shm/berth.XXXXXX 2>&1); then
    printf '#!/bin/sh\n' >"$probe"
    chmod 0755 "$probe"
    if "$probe" 2>/dev/null; then TMPDIR=/dev/shm; fi
    rm -f "$probe"
  fi
  echo "${TMPDIR:-/tmp}"
}

guest_teardown() { [ ! -d "${T-}" ] || rm -rf --one-file-system "$T"; }

# guest_conf KIND: from the variables above.
guest_conf() {
  jq -n --arg t "$T" --arg kind "$1" --arg repository "$repository" \
    --argjson prepare "$prepare" --argjson configtest "$configtest" \
    --argjson reload "$reload" --argjson deadline "$deadline" '{version: 1,
    prefix: "\($t)/prefix", applications: {shop: {root: "\($t)/srv/shop",
    user: "games", kind: $kind, repository: $repository, shared: ["media"],
    files: ["etc/shop/"], prepare: $prepare, configtest: $configtest,
    reload: $reload, deadline: $deadline, error_log: "\($t)/log/error.log"}}}' \
    >"$conf"
}

tree_files() {
  mkdir -p pkg/deep
  for i in $(seq 40); do echo "line $i" >"pkg/f$i.py"; done
  echo deep >pkg/deep/x
  printf '#!/bin/sh\necho run\n' >run
  chmod 0755 run
  ln -s pkg/f1.py link
  echo 'a file with spaces' >'a b%20c.txt'
}

# trunk at r2, branches/x at r4 with ten files changed and one gone.
guest_repository_svn() {
  local work=$T/work
  guest_variables_svn
  svnadmin create "$T/repo"
  svn mkdir -q --parents -m start "$repository/trunk" "$repository/branches"
  svn checkout -q "$repository/trunk" "$work"
  (
    cd "$work" || exit 1
    tree_files
    svn add -q -- *
    svn commit -q -m files
    svn copy -q -m branch "$repository/trunk" "$repository/branches/x"
    svn switch -q "$repository/branches/x"
    for i in $(seq 10); do echo "changed $i" >"pkg/f$i.py"; done
    svn rm -q pkg/deep
    svn commit -q -m changes
  ) >&2
}

guest_variables_svn() { repository=file://$T/repo/shop; }

# heads/master and heads/x as above; $master and $x are their hashes.
guest_repository_git() {
  local work=$T/work
  mkdir "$work"
  (
    cd "$work" || exit 1
    git init -q -b master
    git config user.email t@example.com
    git config user.name t
    tree_files
    git add .
    git commit -q -m files
    git checkout -q -b x
    for i in $(seq 10); do echo "changed $i" >"pkg/f$i.py"; done
    git rm -q -r pkg/deep
    git commit -q -a -m changes
  ) >&2
}

guest_variables_git() {
  repository=file://$T/work
  master=$(<"$T/work/.git/refs/heads/master")
  x=$(<"$T/work/.git/refs/heads/x")
}

# send COMMAND JSON [FILE]: the reply in $output and $reply (its last line), the
# exit status in $status. stdin stays open until the program is gone.
send() {
  mkfifo "$T/stdin"
  exec 7<>"$T/stdin"
  { printf '%s\n' "$2"; [ -z "${3-}" ] || cat "$3"; } >&7 3>&- &
  status=0
  output=$(SSH_ORIGINAL_COMMAND=$1 timeout 300 \
    "${under[@]}" "$T/sbin/berth-guest" --config "$T/etc/guest.conf" \
    <"$T/stdin" 3>&- 7>&-) || status=$?
  exec 7>&-
  rm -f "$T/stdin"
  reply=${output##*$'\n'}
}

guest() { send "berth-guest 1 $1 $2" "${@:3}"; }

# begin VERB JOB JSON: in the background; $guest_pid, and `let_go` to cancel.
begin() {
  mkfifo "$T/begun"
  SSH_ORIGINAL_COMMAND="berth-guest 1 $1 $2" setsid "$T/sbin/berth-guest" \
    --config "$T/etc/guest.conf" <"$T/begun" >"$T/begun.out" 2>&1 3>&- &
  guest_pid=$!
  exec 8>"$T/begun"
  printf '%s\n' "$3" >&8
}

let_go() { exec 8>&-; rm -f "$T/begun"; }

# finish: waits for what begin started.
finish() {
  status=0
  wait "$guest_pid" || status=$?
  reply=$(tail -n 1 "$T/begun.out")
}

answer() { jq -r "$1" <<<"$reply"; }

checkout_request() {
  jq -cn --arg kind "$1" --arg repository "$repository" --arg path "$2" \
    --arg revision "$3" '{application: "shop", $kind, $repository, $path,
    $revision}'
}

# checkout JOB PATH REVISION; built: the same, then `current` is its slot.
checkout() { guest checkout "$1" "$(checkout_request "$guest_kind" "$2" "$3")"; }
built() {
  checkout "$@"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  ln -sfn "$(answer .slot)" "$T/srv/shop/current"
}

# slot a|b LINE: as the deploy user in that slot.
slot() {
  setpriv --reuid games --regid games --clear-groups \
    bash -c "cd '$T/srv/shop/$1' && $2"
}

# settle true|false: whether $job's switch stays.
settle() {
  guest settle "$job" "{\"application\":\"shop\",\"job\":$job,\"commit\":$1}"
}

# same_tree A B: names, types, modes, contents; but for .svn, .git and media.
same_tree() {
  diff <(picture "$1") <(picture "$2") >&2
}

picture() {
  (cd "$1" && find . \( -name .svn -o -name .git -o -path ./media \) -prune -o \
    -printf '%p %y %m %l\n' | sort
  find . \( -name .svn -o -name .git -o -path ./media \) -prune -o -type f \
    -print0 | sort -z | xargs -0 sha1sum)
}

# guest_picture: what the server serves, with owners and leftovers.
guest_picture() {
  (cd "$T/prefix/etc" && find . -printf '%p %y %m %U %G\n' | sort
  find . -type f -print0 | sort -z | xargs -0 sha1sum)
  find "$T/srv/shop" -maxdepth 1 -printf '%P %l\n' | sort
}

# running WORD: some process has WORD in its command line.
running() { grep -aqsF -- "$1" /proc/[0-9]*/cmdline; }

not_running() { ! running "$1"; }

# stage_files JOB [SET]: $T/tree as a tar; every file 0640.
stage_files() {
  local list files
  # Names without ./ in front, as the runner's are.
  mapfile -t list < <(find "$T/tree" -type f -printf '%P\n')
  tar -cf "$T/tar" -C "$T/tree" -- "${list[@]}"
  printf -v files '{"path":"%s","mode":"0640"},' "${list[@]}"
  guest stage "$1" "{\"application\":\"shop\",\"set\":\"${2:-switch}\",\
\"tar_bytes\":$(stat -c %s "$T/tar"),\"files\":[${files%,}]}" "$T/tar"
}

# The loops take every third instant; all with FAULT_EVERY=1.
every=${FAULT_EVERY:-3}

# fault_setup: programs that change files are counted; at number `fault_at N
# kill|fail` the whole process group is killed instead, or the program fails.
# They come first in the program's PATH, in a mount namespace of its own.
fault_setup() {
  local program
  mkdir "$T/faults"
  cat >"$T/faults/mv" <<WRAPPER
#!/bin/sh
read -r n <"$T/count"
read -r at how <"$T/at"
n=\$((n + 1))
echo \$n >"$T/count"
if [ \$n -eq "\$at" ]; then
  case \$how in
    kill) kill -KILL 0 ;;
    fail) echo "\$0: no space left on device" >&2; exit 1 ;;
  esac
fi
exec "/usr/bin/\${0##*/}" "\$@"
WRAPPER
  chmod 0755 "$T/faults/mv"
  for program in cp rm ln mkdir rmdir sync; do
    ln "$T/faults/mv" "$T/faults/$program"
  done
  echo "mount --bind '$T/faults' /usr/local/sbin && exec \"\$@\"" >"$T/enter"
}

fault_at() {
  echo "$1 $2" >"$T/at"
  echo 0 >"$T/count"
  under=(unshare -m sh "$T/enter")
}

no_fault() { under=(); }

# fault_came: the count got so far.
fault_came() {
  local count at
  read -r count <"$T/count"
  read -r at _ <"$T/at"
  [ "$count" -ge "$at" ]
}
