#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab itself: each part is real and answers, what is berth's is out of the
# web user's reach, and nothing is left when it ends, however it ends.
# Needs root and sbin/guest/berth-guest; berthd and Apache have their own suites.

bats_require_minimum_version 1.5.0
load ../lib/lab

setup_file() {
  LAB_DIR=$("$LAB/up.sh" --only postgres,repository,guests,libvirt \
    --owner "$PPID")
  export LAB_DIR
}

teardown_file() {
  "$LAB/down.sh" "$LAB_DIR"
}

setup() { lab_env; }

# The web user's uid and groups, inside, and nothing else of root's.
as_web() {
  in_lab setpriv --reuid=www-data --regid=www-data --init-groups \
    --inh-caps=-all "$@"
}

@test "the lab's users have different uids, and the machine knows none" {
  berth=$(in_lab id -u berth)
  web=$(in_lab id -u www-data)
  guest=$(in_lab chroot "$LAB_DIR/guests/qa1" id -u berth)
  shop=$(in_lab chroot "$LAB_DIR/guests/qa1" id -u shop)
  guest_web=$(in_lab chroot "$LAB_DIR/guests/qa1" id -u www-data)
  [ "$(printf '%s\n' 0 "$berth" "$web" "$guest" "$shop" "$guest_web" |
    sort -u | wc -l)" = 6 ]
  ! grep -q ":$berth:" /etc/passwd
}

@test "berth reads the base with its password and is no superuser" {
  run in_lab -u berth psql -XAtd \
    "host=127.0.0.1 port=$PGPORT user=berth dbname=shop_base" -c \
    "SELECT count(*), (SELECT rolsuper::text || rolcreatedb::text FROM pg_roles
      WHERE rolname = 'berth') FROM catalogue_sale"
  [ "$output" = "120000|falsetrue" ]
}

@test "nobody gets into PostgreSQL without being somebody" {
  run as_web psql -Xw -h "$PGHOST" -p "$PGPORT" -U berth -d postgres -c ''
  [ "$status" = 2 ]
  run as_web psql -Xw -h 127.0.0.1 -p "$PGPORT" -U berth -d postgres -c ''
  [ "$status" = 2 ]
  run as_web psql -Xw -h 127.0.0.1 -p "$PGPORT" -U postgres -d postgres -c ''
  [ "$status" = 2 ]
}

@test "both repositories hold the same files, Django's among them" {
  svn=$(svn list -R "$SVN_URL/trunk" | grep -vc '/$')
  git clone -q --bare --depth 1 "$GIT_URL" "$BATS_TEST_TMPDIR/shop.git"
  git=$(git -C "$BATS_TEST_TMPDIR/shop.git" ls-tree -r HEAD | wc -l)
  [ "$svn" = "$git" ]
  [ "$svn" -gt 3000 ]
}

@test "release.py says the revision that its file was last changed in" {
  for path in trunk branches/checkout-2 tags/1.0; do
    said=$(svn cat "$SVN_URL/$path/shop/release.py" |
      sed -n 's/^REVISION = //p')
    changed=$(svn info --show-item last-changed-revision \
      "$SVN_URL/$path/shop/release.py")
    [ "$said" = "$changed" ]
    [ "$said" -gt 2 ]
  done
}

@test "the branch adds a migration that trunk has not" {
  migration=catalogue/migrations/0002_delivery_days.py
  svn info "$SVN_URL/branches/checkout-2/$migration"
  run svn info "$SVN_URL/trunk/$migration"
  [ "$status" != 0 ]
}

@test "six domains run, and berth alone may ask" {
  run in_lab -u berth virsh -r -c "$LIBVIRT_URI" list --name
  for guest in qa1 qa2 qa3 qa4 qa5 qa6; do
    [[ "$output" == *"$guest"* ]]
  done
  run as_web virsh -r -c "$LIBVIRT_URI" list --name
  [ "$status" != 0 ]
}

@test "every guest answers berth through its forced command" {
  for guest in qa1 qa2 qa3 qa4 qa5 qa6; do
    run bash -c "(echo '{\"application\":\"shop\"}'; sleep 0.5) |
      '$LAB/in.sh' -u berth ssh -F '$LAB_DIR/etc/berth/ssh_config' $guest \
      berth-guest 1 status 1"
    [ "$status" = 0 ]
    [[ "${lines[-1]}" == '{"ok":true'* ]]
  done
}

@test "the forced command runs nothing else" {
  run in_lab -u berth ssh -F "$LAB_DIR/etc/berth/ssh_config" qa1 id
  [ "$status" != 0 ]
  [[ "$output" != *uid=* ]]
}

@test "every guest has an Apache of its own behind one address" {
  for guest in qa1 qa6; do
    run curl -s -o /dev/null -w '%{http_code}' "$SITE_URL/$guest/"
    [ "$output" = 403 ] || [ "$output" = 404 ]
    before=$(wc -l <"$LAB_DIR/guests/$guest/var/log/apache2/access.log")
    curl -s -o /dev/null "$SITE_URL/$guest/x"
    # The line is written after the answer.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      after=$(wc -l <"$LAB_DIR/guests/$guest/var/log/apache2/access.log")
      [ "$after" = "$before" ] || break
      sleep 0.1
    done
    [ "$after" -gt "$before" ]
  done
}

@test "a guest cannot write to the machine's /usr" {
  run in_lab chroot "$LAB_DIR/guests/qa1" touch /usr/touched
  [ "$status" != 0 ]
  [ ! -e /usr/touched ]
}

@test "the web user cannot read what is berth's" {
  for path in var/lib/berth/home var/lib/berth/home/.pgpass \
    var/lib/berth/home/.ssh/id_ed25519 etc/berth/secrets/shop/database_password etc/berth/secrets \
    var/spool/berth/lock lab.env postgres/data libvirt run/berth machine/etc/shadow; do
    [ -e "$LAB_DIR/$path" ]
    run as_web ls "$LAB_DIR/$path/."
    [ "$status" != 0 ]
    run as_web cat "$LAB_DIR/$path"
    [ "$status" != 0 ]
  done
}

@test "the web user may add to drop/ and nowhere else" {
  as_web touch "$SPOOL_DIR/drop/.probe"
  as_web rm "$SPOOL_DIR/drop/.probe"
  for folder in "$SPOOL_DIR" "$SPOOL_DIR/"{receipts,queue,active,bad} \
    "$HISTORY_DIR" "$STATE_DIR" "$LOG_DIR" "$LAB_DIR/var/lib/berth" \
    "$LAB_DIR/etc/berth"; do
    [ -d "$folder" ]
    run as_web touch "$folder/probe"
    [ "$status" != 0 ]
  done
  as_web ls "$HISTORY_DIR" "$STATE_DIR" "$LOG_DIR"
}

@test "a part that was killed comes back with its data" {
  kill -KILL "$(cat "$LAB_DIR/run/postgres.pid")"
  "$LAB/postgres.sh" restart
  run psql -XAt -h "$PGHOST" -p "$PGPORT" -U shop -d shop_base -c \
    'SELECT count(*) FROM catalogue_sale'
  [ "$output" = 120000 ]
  "$LAB/libvirt.sh" restart
  run virsh -c "$LIBVIRT_URI" domstate qa3
  [[ "$output" == running* ]]
}

# traces DIR NAMESPACE: what a lab left on the machine.
traces() {
  ls -d "$1" 2>/dev/null
  for link in /proc/[0-9]*/ns/ipc; do
    if [ "$(readlink "$link" 2>/dev/null)" = "$2" ]; then echo "$link"; fi
  done
  grep -F "$1" /proc/*/mountinfo 2>/dev/null
  true
}

# What the lab's users have in the machine's shared memory: nothing, because the
# lab has its own. Other suites' servers come and go there beside this one.
shared_memory() {
  find /dev/shm -type f -uid +60800 -uid -60814
  ipcs -m | awk '$1 ~ /^0x/ && $3 ~ /^(608..|berth|repository|qa-.*)$/'
}

# wait_gone DIR NAMESPACE: until no trace of it is left.
wait_gone() {
  local end=$((SECONDS + 100))
  while [ -n "$(traces "$1" "$2")" ]; do
    [ "$SECONDS" -lt "$end" ] || { traces "$1" "$2"; return 1; }
    sleep 0.2
  done
}

@test "nothing is left after down.sh" {
  dir=$("$LAB/up.sh" --only postgres,guests,libvirt)
  LAB_DIR=$dir "$LAB/in.sh" mountpoint -q /dev/shm
  namespace=$(readlink "/proc/$(cat "$dir/run/holder.pid")/ns/ipc")
  [ -n "$(traces "$dir" "$namespace")" ]
  "$LAB/down.sh" "$dir"
  [ -z "$(traces "$dir" "$namespace")" ]
  [ -z "$(shared_memory)" ]
}

@test "nothing is left after a kill -9 of the lab's owner" {
  sleep 300 3>&- &
  owner=$!
  dir=$("$LAB/up.sh" --only guests,libvirt --owner "$owner")
  namespace=$(readlink "/proc/$(cat "$dir/run/holder.pid")/ns/ipc")
  kill -KILL "$owner"
  wait_gone "$dir" "$namespace"
}

@test "nothing is left when a part cannot start" {
  run -127 "$LAB/up.sh" --only repository,nonsense
  dir=$(grep -o '/[^ ]*/berth-lab\.[A-Za-z0-9]*' <<<"$output" | head -n 1)
  [ -n "$dir" ]
  [ ! -e "$dir" ]
}
