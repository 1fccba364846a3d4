#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A second server that is a machine (see guest.bats), built from git: snapshots,
# what a tester may break, a network that is away, Puppet, a changed host key.
# The tests build on one another in this order.
bats_require_minimum_version 1.5.0
load ../lib/machines
load ../lib/hostile

setup_file() { guest_lab qa2; }
teardown_file() { guest_lab_ends; }
setup() { need_guests; }

@test "a guest is enrolled" {
  wait_state qa2 running
  "$guests/enroll.sh" qa2
  need_base shopgit
}

@test "a git branch with data" {
  local APPLICATION=shopgit
  build qa2 main newest
  must succeeded
  check_whole qa2 "$JOB"
}

@test "the network fails for long in checkout: it says so, all as before" {
  local APPLICATION=shopgit
  cut_for_long qa2 main checkout
  [ "$STATE" = failed ]
}

@test "another branch without data, on what is there" {
  local APPLICATION=shopgit oid
  oid=$(sql "select oid from pg_database where datname = 'shopgit_qa2'")
  build qa2 checkout-2 none
  must succeeded
  health qa2 >"$BATS_TEST_TMPDIR/page"
  grep -qx 'branch checkout-2' "$BATS_TEST_TMPDIR/page"
  grep -qx 'rows 120000' "$BATS_TEST_TMPDIR/page"
  grep -q '^columns .*delivery_days' "$BATS_TEST_TMPDIR/page"
  grep -q 'Applying catalogue.0002_delivery_days... OK' "$LOG_DIR/$JOB.log"
  [ "$oid" = "$(sql "select oid from pg_database
    where datname = 'shopgit_qa2'")" ]
}

@test "a check tells what was edited in a checkout of git" {
  tells_edits qa2
}

@test "a snapshot is taken while it runs" {
  run -0 berth snapshot qa2 take clean --note "works" --wait --timeout 900
  jq -e '.snapshots | any(.name == "clean")' \
    <<<"$(call_api servers/qa2)"
}

# The revert after it takes back what berth-guest remembers of its job numbers.
@test "a planted link, a hostile hook, tar and stdin change nothing outside" {
  change_nothing_outside qa2
}

@test "the guest is broken, and goes back to the snapshot" {
  local before
  before=$(health qa2)
  on qa2 "rm -rf /srv/shopgit /etc/shop /etc/apache2/sites-available/shop.conf
    systemctl stop apache2; rm -rf /var/lib/berth-guest"
  [ -z "$(health qa2)" ]
  run -0 berth snapshot qa2 revert clean --wait --timeout 900
  [ "$(health qa2)" = "$before" ]
  run -0 berth history qa2
  [[ "${lines[1]}" == *reverted* ]]
}

@test "it is broken again, and a build goes back first" {
  on qa2 "rm -rf /srv/shopgit /usr/local/lib/berth-guest"
  run -0 berth build qa2 --revert clean --app shopgit --path main \
    --database none --wait --timeout 900
  health qa2 | grep -qx 'branch main'
  run -0 berth snapshot qa2 delete clean --wait --timeout 900
}

@test "a cancel in the middle of a checkout ends it on the guest, too" {
  local before end=$((SECONDS + 300 * PATIENCE))
  before=$(call_api servers/qa2 | jq -cS .configuration)
  build qa2 tags/1.0 newest
  wait_step "$JOB" checkout
  until on qa2 "pgrep -u shop -x svn" >/dev/null; do
    [ "$SECONDS" -lt "$end" ]
  done
  [ "$(call_api "jobs/$JOB" -o /dev/null -w '%{http_code}' -X DELETE)" = 202 ]
  must cancelled
  run on qa2 "pgrep -u shop -x svn"
  [ "$status" = 1 ]
  [ "$before" = "$(call_api servers/qa2 |
    jq -cS .configuration)" ]
  health qa2 | grep -qx 'branch main'
}

# It stays on in what this guest was told.
@test "puppet comes first where the guest's file says so" {
  local file=$LAB_DIR/etc/berth/guest/shopgit.json
  on qa2 "cat >/etc/puppet/test-server.pp" <"$top/contrib/puppet/test-server.pp"
  cp "$file" "$BATS_TEST_TMPDIR/kept"
  jq '.converge = ["/usr/bin/puppet", "apply", "--detailed-exitcodes",
    "/etc/puppet/test-server.pp"]' "$BATS_TEST_TMPDIR/kept" >"$file"
  "$guests/enroll.sh" qa2
  APPLICATION=shopgit build qa2 main none
  wait_end "$JOB"
  cp "$BATS_TEST_TMPDIR/kept" "$file"
  must succeeded
  grep -q 'converge .*Applied catalog' "$LOG_DIR/$JOB.log"
  grep -q 'converge done' "$LOG_DIR/$JOB.log"
  # What the example asks for, and the image did not have.
  on qa2 "getent passwd shop" | grep -q ':/usr/sbin/nologin$'
}

@test "a host key that has changed: nothing is sent, and who to ask is said" {
  local before said
  before=$(on qa2 "journalctl -u ssh | grep -c 'Accepted.* berth '" || true)
  on qa2 "rm /etc/ssh/ssh_host_ed25519_key*
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
    systemctl restart ssh"
  build qa2 main none
  must failed
  said=$(call_api "jobs/$JOB" | jq -r .detail)
  echo "$said"
  [[ "$said" == *"host key"*"berthctl enroll qa2"* ]]
  sed -i '/^qa2/d' "$LAB_DIR/etc/berth/known_hosts"
  "$guests/booted.sh" wait qa2
  [ "$before" = "$(on qa2 "journalctl -u ssh |
    grep -c 'Accepted.* berth '")" ]
}

# As install.sh sees the machine, with an apt-get that only says it was asked.
install_packages() {
  local dir=$BATS_TEST_TMPDIR/packages
  mkdir -p "$dir/bin"
  cp "$top/packages/install.sh" "$dir/"
  echo berth-has-no-such-package >"$dir/one.txt"
  printf '#!/bin/sh\necho asked for "$@"\n' >"$dir/bin/apt-get"
  chmod 0755 "$dir/bin/apt-get"
  # What it writes to /usr/sbin stays in here.
  run unshare -m sh -c 'mount -t tmpfs tmpfs /usr/sbin &&
    PATH=$1/bin:$PATH exec "$1/install.sh" one' - "$dir"
}

@test "packages are not installed beside the machine's guests; ours are none" {
  [ "$(virsh list --name | grep -c qa)" -ge 1 ]
  install_packages
  [[ "$output" != *qemu-system* ]]
  [ "$status" = 0 ] || [[ "$output" == *"serves somebody"* ]]
  cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/qemu-system-x86"
  "$BATS_TEST_TMPDIR/qemu-system-x86" 60 3>&- &
  local guest=$!
  install_packages
  kill "$guest"
  [ "$status" = 1 ]
  [[ "$output" == *"$guest qemu-system"*"serves somebody"* ]]
}
