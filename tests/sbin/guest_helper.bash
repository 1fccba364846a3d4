# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# A guest for tests of berth-guest: a folder T with a copy of the program, its
# guest.conf, a repository and an application "shop" whose deploy user is
# nobody. Needs root, as the program does.

# guest_setup svn|git
guest_setup() {
  [ "$(id -u)" = 0 ] || skip "needs root"
  T=$(mktemp -d "$(scratch)/berth-guest.XXXXXX")
  chmod 0755 "$T"
  export HOME=$T/home
  mkdir -p "$T"/{sbin,etc,srv,log,home} "$T/prefix/etc"
  cp -R "$BATS_TEST_DIRNAME"/../../sbin/berth-guest* "$T/sbin"
  chown -R 0:0 "$T/sbin"
  chmod -R go-w "$T/sbin"
  under=()
  prepare='[]' configtest='["/bin/true"]' reload='["/bin/true"]' deadline=60
  "guest_repository_$1"
  guest_conf "$1"
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
  conf=$T/etc/guest.conf
  jq -n --arg t "$T" --arg kind "$1" --arg repository "$repository" \
    --argjson prepare "$prepare" --argjson configtest "$configtest" \
    --argjson reload "$reload" --argjson deadline "$deadline" '{version: 1,
    prefix: "\($t)/prefix", applications: {shop: {root: "\($t)/srv/shop",
    user: "nobody", kind: $kind, repository: $repository, shared: ["media"],
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
  local work=$T/work url
  svnadmin create "$T/repo"
  url=file://$T/repo repository=$url/shop
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

# heads/master and heads/x as above; $master and $x are their hashes.
guest_repository_git() {
  local work=$T/work
  repository=file://$T/work
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
  master=$(git -C "$work" rev-parse master)
  x=$(git -C "$work" rev-parse x)
}

# send COMMAND JSON [FILE]: the reply in $output and $reply (its last line), the
# exit status in $status. stdin stays open until the program is gone.
send() {
  mkfifo "$T/stdin"
  exec 7<>"$T/stdin"
  { printf '%s\n' "$2"; [ -z "${3-}" ] || cat "$3"; } >&7 3>&- &
  status=0
  output=$(SSH_ORIGINAL_COMMAND=$1 timeout 60 \
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

# eventually COMMAND...: within 10 s.
eventually() {
  local i
  for ((i = 0; i < 100; i++)); do
    "$@" && return
    sleep 0.1
  done
  return 1
}

# running WORD: some process has WORD in its command line.
running() { grep -aqsF -- "$1" /proc/[0-9]*/cmdline; }

not_running() { ! running "$1"; }

# stage_files JOB [SET]: $T/tree as a tar; every file 0640.
stage_files() {
  local list
  # Names without ./ in front, as the runner's are.
  (cd "$T/tree" && find . -type f -printf '%P\n' | sort |
    tar -cf "$T/tar" -T -)
  list=$(cd "$T/tree" && find . -type f -printf '%P\n' | sort |
    jq -Rnc '[inputs | {path: ., mode: "0640"}]')
  guest stage "$1" "$(jq -cn --argjson files "$list" --arg set "${2:-switch}" \
    --argjson tar_bytes "$(stat -c %s "$T/tar")" '{application: "shop", $set,
    $tar_bytes, $files}')" "$T/tar"
}

# fault_setup: programs that change files are counted; at number `fault_at N
# kill|fail` the whole process group is killed instead, or the program fails.
# In a mount namespace of the program alone.
fault_setup() {
  local program
  mkdir "$T/real"
  cat >"$T/wrapper" <<WRAPPER
#!/bin/sh
n=\$((\$(/bin/cat "$T/count") + 1))
echo \$n >"$T/count"
if [ \$n -eq "\$(/bin/cat "$T/at")" ]; then
  case \$(/bin/cat "$T/how") in
    kill) kill -KILL 0 ;;
    fail) echo "\$0: no space left on device" >&2; exit 1 ;;
  esac
fi
exec "$T/real/\${0##*/}" "\$@"
WRAPPER
  chmod 0755 "$T/wrapper"
  printf 'cd /usr/bin\n' >"$T/enter"
  for program in mv cp rm ln mkdir rmdir sync; do
    cp -p "$(readlink -f "/usr/bin/$program")" "$T/real/$program"
    echo "mount --bind '$T/wrapper' /usr/bin/$program" >>"$T/enter"
  done
  echo 'exec "$@"' >>"$T/enter"
}

fault_at() {
  echo "$1" >"$T/at"
  echo "$2" >"$T/how"
  echo 0 >"$T/count"
  under=(unshare -m bash "$T/enter")
}

no_fault() { under=(); }

# fault_came: the count got so far.
fault_came() { [ "$(cat "$T/count")" -ge "$(cat "$T/at")" ]; }
