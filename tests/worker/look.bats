#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Jobs that only look: what a build would change on a server, shown without a
# secret, and nothing of it done; what somebody changed on it since its build.
# And the step converge, which is Puppet's.

bats_require_minimum_version 1.5.0
load ../lib/worker

setup_file() {
  worker_start
  publish_shop
}
teardown_file() { worker_stop; }
setup() {
  lab_env
  guest=$LAB_DIR/guests/qa3
}
teardown() { rm -f "$SPOOL_DIR/active/"*; }

# preview PATH DATABASE [REVISION]: on qa3.
preview() {
  put_job preview qa3 shop "$(jq -n --arg path "$1" --arg database "$2" \
    --arg revision "${3:-}" '{application: "shop", $path, $revision, $database,
    checkout: true, note: "", release: "never"}')"
  work
  FOUND=$LOG_DIR/$N.preview.json
}
found() { jq -r "$1" "$FOUND"; }
secret() { cat "$LAB_DIR/etc/berth/secrets/shop/$1"; }

# all_of_guest: names, contents, modes and times of what the guest has.
all_of_guest() {
  # shellcheck disable=SC2016 # for the shell inside
  in_lab sh -c 'cd "$1" && find etc srv var/lib/berth-guest ! -type d \
    -printf "%p %m %u %T@ %C@\n" | sort' - "$guest"
}

# clean: no secret of the application in what people can read of the job.
clean() {
  local name
  for name in database_password secret_key; do
    [ -n "$(secret $name)" ]
    run -1 grep -F -- "$(secret $name)" "$FOUND" "$LOG_DIR/$N.log" "$STEPS"
  done
}

@test "the preview of a first build shows every file as new and makes none" {
  before=$(all_of_guest)
  preview trunk newest
  succeeded
  [ "$(found '.files | map(.state) | unique | join(",")')" = new ]
  [ "$(found '.files | length')" = 3 ]
  found '.files[] | select(.path == "etc/shop/settings.py") | .diff' |
    grep -qx -- '--- /dev/null'
  found '.files[] | select(.path == "etc/shop/settings.py") | .text' |
    grep -q "'\*\*\*\*\*'"
  [ "$(stat -c %a "$FOUND")" = 640 ]
  [ "$(found .revision)" = "$(result revision)" ]
  [ "$(all_of_guest)" = "$before" ]
  cluster_is_tidy
  clean
}

@test "after the build it shows what would differ, and only that" {
  build_job qa3 shop trunk newest true
  work
  succeeded
  end_job
  before=$(all_of_guest)
  preview trunk none 20
  succeeded
  found '.files[].diff' >"$LAB_DIR/tmp/diff"
  grep -x -- "-BERTH_REVISION = '34'" "$LAB_DIR/tmp/diff"
  grep -x -- "+BERTH_REVISION = '20'" "$LAB_DIR/tmp/diff"
  # A secret that is the same is in no line that changes.
  run -1 grep -E '^[-+].*\*\*\*\*\*' "$LAB_DIR/tmp/diff"
  [ "$(all_of_guest)" = "$before" ]
  clean
}

@test "secrets that only the guest's files know are not shown" {
  # One that was changed since the build, one that a hand has put there, and a
  # line that is none.
  settings=$guest/etc/shop/settings.py
  cp -p "$settings" "$LAB_DIR/tmp/settings"
  sed -i "s|^SECRET_KEY = .*|SECRET_KEY = 'former+secret'|" "$settings"
  printf '%s\n' "EMAIL_HOST_PASSWORD = 'typed-by-hand'" \
    "BROKER = 'amqp://site:in-the-url@mq/'" "PAGE_SIZE = 25" >>"$settings"
  preview trunk none
  cp -p "$LAB_DIR/tmp/settings" "$settings"
  succeeded
  run -1 grep -E 'former.secret|typed-by-hand|in-the-url' "$FOUND" \
    "$LOG_DIR/$N.log"
  found '.files[].diff' >"$LAB_DIR/tmp/diff"
  grep -x -- "-SECRET_KEY = \*\*\*\*\*" "$LAB_DIR/tmp/diff"
  grep -x -- "+SECRET_KEY = '\*\*\*\*\*'" "$LAB_DIR/tmp/diff"
  grep -x -- "-EMAIL_HOST_PASSWORD = \*\*\*\*\*" "$LAB_DIR/tmp/diff"
  grep -x -- "-BROKER = 'amqp://\*\*\*\*\*@mq/'" "$LAB_DIR/tmp/diff"
  grep -x -- "-PAGE_SIZE = 25" "$LAB_DIR/tmp/diff"
  clean
}

@test "a preview is refused for what would refuse the build" {
  preview branches/none none
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = preflight ]
  [ ! -e "$FOUND" ]
  # A place that guest.conf does not name is refused as stage refuses it.
  mkdir -p "$LAB_DIR/etc/berth/templates/shop/opt"
  echo x >"$LAB_DIR/etc/berth/templates/shop/opt/x.tpl"
  preview trunk none
  rm -r "$LAB_DIR/etc/berth/templates/shop/opt"
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = compare ]
  [[ "$(result detail)" == *'opt/x is not in "files"'* ]]
  [ ! -e "$FOUND" ]
}

@test "a preview beside a build that switches neither waits nor disturbs it" {
  # The build has ended its switch on the guest, and is not yet settled.
  ssh=(in_lab -u berth ssh -F "$LAB_DIR/etc/berth/ssh_config" qa3)
  next_job
  build=$N
  "${ssh[@]}" "berth-guest 1 switch $build" >"$LAB_DIR/tmp/reply" \
    < <(echo '{"application":"shop","slot":null}' && exec sleep 5 3>&-)
  grep '"ok":true' "$LAB_DIR/tmp/reply"
  preview trunk none
  succeeded
  [ "$(found .pending)" = "$build" ]
  "${ssh[@]}" "berth-guest 1 discard $build" >"$LAB_DIR/tmp/reply" \
    <<<'{"application":"shop"}'
  grep '"ok":true' "$LAB_DIR/tmp/reply"
}

@test "killed at fsyncs, a preview is whole or not there, and then whole" {
  strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
  local n killed=0
  for n in 1 3 6 8 9 10 11 12; do
    put_job preview qa3 shop '{"application": "shop", "path": "trunk",
      "database": "none", "checkout": true, "note": "", "release": "never"}'
    FOUND=$LOG_DIR/$N.preview.json
    run in_lab -u berth strace -qq -o "$LAB_DIR/tmp/trace" -e trace=fsync \
      -e inject="fsync:signal=KILL:when=$n" \
      "$LAB_DIR/usr/sbin/berth-worker" job "$F"
    [ ! -e "$FOUND" ] || jq -e '.files | length == 3' "$FOUND"
    if [ "$status" = 137 ]; then
      killed=$((killed + 1))
      work
    fi
    succeeded
    jq -e '.files | length == 3' "$FOUND"
    end_job
  done
  echo "# $killed kills" >&3
  [ "$killed" -ge 3 ]
}

# check_job BUILD [SERVER APPLICATION]: of qa3's shop.
check_job() {
  put_job check "${2:-qa3}" "${3:-shop}" "{\"build\": $1}"
  work
  CHECK=${STATE_DIR%/state}/checks/${2:-qa3}.json
}

@test "a check finds nothing after a build, and what was edited since" {
  build_job qa3 shop trunk newest true
  build=$N
  work
  succeeded
  [ "$(jq -r 'select(.step == "converge") | .state + ": " + .message' \
    "$STEPS")" = "skipped: not configured" ]
  end_job
  check_job "$build"
  succeeded
  [ "$(result detail)" = "qa3 is unchanged since job $build" ]
  [ "$(jq -c '[.build, .problems, .files, .edits]' "$CHECK")" = \
    "[$build,[],[],0]" ]
  [ "$(stat -c %U "${CHECK%/*}")" = "$(stat -c %U "$STATE_DIR")" ]
  echo '# x' >>"$guest/etc/shop/settings.py"
  current=$(readlink "$guest/srv/shop/current")
  echo x >>"$guest/srv/shop/$current/manage.py"
  check_job "$build"
  [ "$(jq -c '[.problems, .files, .edits, .names]' "$CHECK")" = \
    '[[],[{"path":"etc/shop/settings.py","state":"changed"}],1,["manage.py"]]' ]
  [[ "$(result detail)" == *"/etc/shop/settings.py changed, 1 edits in the \
checkout (manage.py)" ]]
  # Who is root on the guest may have it say that everything differs.
  placed=$guest/var/lib/berth-guest/shop/undo/$build/placed
  cp "$placed" "$LAB_DIR/tmp/placed"
  awk 'BEGIN { for (i = 0; i < 300; i++) printf "0644 %064d etc/x%0200d\n", i, i }
    ' >>"$placed"
  check_job "$build"
  jq -e '(.files | length) == 20 and
    .problems == ["281 more files have changed"]' "$CHECK"
  [ "$(stat -c %s "$CHECK")" -lt 8192 ]
  cp "$LAB_DIR/tmp/placed" "$placed"
  # A name can be a secret, or have it where the name is cut.
  password=$(secret database_password)
  printf '0644 %064d etc/%s\n0644 %064d etc/%0240d%s\n' 1 "$password" \
    1 0 "$password" >>"$placed"
  check_job "$build"
  [ "$(jq '.files | length' "$CHECK")" = 3 ]
  grep -qF 'etc/*****' "$CHECK"
  run -1 grep -F "${password:0:9}" "$CHECK" "$STEPS" "$LOG_DIR/$N.log"
  cp "$LAB_DIR/tmp/placed" "$placed"
  # The guest was put back to another build, as by a snapshot.
  check_job $((build + 100))
  jq -e '.problems == ["the guest has the files of job '"$build"'"]' "$CHECK"
}

@test "a check of a git checkout tells edits, and files that are new" {
  put_job publish "" shopgit '{"database": "shopgit_base", "data_at": null}'
  work
  succeeded
  end_job
  build_job qa4 shopgit main newest true
  build=$N
  work
  succeeded
  end_job
  # What prepare and Python made on the way is no edit.
  check_job "$build" qa4 shopgit
  succeeded
  [ "$(result detail)" = "qa4 is unchanged since job $build" ]
  slot=$LAB_DIR/guests/qa4/srv/shopgit/$(readlink \
    "$LAB_DIR/guests/qa4/srv/shopgit/current")
  echo '# x' >>"$slot/manage.py"
  rm "$slot/shop/urls.py"
  echo x >"$slot/patched.py"
  # A tester's own git settings decide nothing: no hook of theirs is run.
  mkdir -p "$slot/.git/hooks"
  printf '#!/bin/sh\ntouch /tmp/hook-was-here\n' >"$slot/.git/hooks/fsmonitor"
  chmod 0755 "$slot/.git/hooks/fsmonitor"
  printf '[core]\n\tfsmonitor = .git/hooks/fsmonitor\n' >>"$slot/.git/config"
  check_job "$build" qa4 shopgit
  [ "$(jq -c '[.problems, .files, .edits, (.names | sort)]' "$CHECK")" = \
    '[[],[],3,["manage.py","patched.py","shop/urls.py"]]' ]
  [ ! -e "$LAB_DIR/guests/qa4/tmp/hook-was-here" ]
}

# converge_with WORDS-JSON: guest.conf's command on qa3.
converge_with() {
  jq --argjson words "$1" '.applications[].converge = $words' \
    "$guest/etc/berth/guest.conf" >"$LAB_DIR/tmp/conf"
  cat "$LAB_DIR/tmp/conf" >"$guest/etc/berth/guest.conf"
}

@test "a build converges first where the guest's file says so" {
  converge_with '["/bin/sh", "-c", "echo Notice: applied; exit 2"]'
  build_job qa3 shop trunk none true
  work
  succeeded
  log_of | grep 'converge Notice: applied'
  [ "$(jq -r 'select(.event == "end") | .step' "$STEPS" | head -n 2 | xargs)" \
    = "preflight converge" ]
  end_job
  before=$(served qa3)
  converge_with '["/bin/sh", "-c", "echo Error: no catalogue; exit 1"]'
  build_job qa3 shop branches/checkout-2 none true
  work
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = converge ]
  [[ "$(result detail)" == *"could not run"* ]]
  log_of | grep 'converge Error: no catalogue'
  [ "$(served qa3)" = "$before" ]
  end_job
  # Data alone need no packages.
  build_job qa3 shop "" newest false
  work
  succeeded
  jq 'del(.applications[].converge)' "$guest/etc/berth/guest.conf" \
    >"$LAB_DIR/tmp/conf"
  cat "$LAB_DIR/tmp/conf" >"$guest/etc/berth/guest.conf"
}
