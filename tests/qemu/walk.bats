#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The walk of docs/servers.md from a bare libvirt host to a built server, with
# the page's own lines. Needs a lab with LAB_BARE=1 (LAB_DIR), or starts one.
# What it leaves is what the other files of this folder begin with: a pool, an
# image, the server qa9.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0
load ../lib/machines

setup_file() {
  [ -z "$(no_guests)" ] || return 0
  if ! has_lab; then
    LAB_DIR=$(LAB_BARE=1 "$guests/up.sh" --owner "$PPID")
    OWN_LAB=1
    LAB_DIR=$LAB_DIR "$LAB/in.sh" \
      berthctl publish shop shop_base
  fi
  export LAB_DIR OWN_LAB
}

teardown_file() {
  [ -z "${OWN_LAB:-}" ] || "$LAB/down.sh" "$LAB_DIR"
}

setup() { need_guests; }

# The lines after "    # " and "    > " that the page says this file runs. What
# differs in the lab is where its files are and what its network is called; the
# host is a remote one, by the address that libvirt has for that; and its
# processors are emulated and have little memory.
page_lines() {
  awk '/^<!-- commands: / { on = /run by tests\/qemu\/walk\.bats/ }
    on && sub(/^    [#>] /, "")' "$top/docs/servers.md" |
    sed -e "s|/etc/berth/|$LAB_DIR/etc/berth/|" -e 's|qa\.example\.com|qa.lab|' \
      -e 's|"qemu:///system"|"qemu+ssh://root@127.0.0.1:2222/system"|' \
      -e 's|^memory = .*|memory = "512M"\ntype = "qemu"|'
}

# systemctl and where `make install` has put the programs: there is no systemd
# here. A reload is over for whoever types it when the host is shown.
commands() {
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  cat >"$BATS_TEST_TMPDIR/bin/systemctl" <<EOF
#!/bin/bash
[ "\$*" = "reload berthd" ] || exit 1
kill -HUP "\$(cat "$LAB_DIR/run/berthd.pid")"
until sed 1d "$STATE_DIR/hosts.json" | jq -e '.hosts[0].fresh' >/dev/null; do
  sleep 0.2
done
EOF
  chmod 0755 "$BATS_TEST_TMPDIR/bin/systemctl"
}

@test "docs/servers.md: from a bare libvirt host to a built server" {
  [ -z "$(virsh pool-list --all --name | tr -d '[:space:]')" ]
  [ -z "$(virsh list --all --name)" ]
  commands
  page_lines >"$BATS_TEST_TMPDIR/walk"
  [ "$(grep -c '^virsh\|^berth' "$BATS_TEST_TMPDIR/walk")" = 9 ]
  run in_lab env BERTH_URL="$BERTH_URL" BERTH_USER="$BERTH_ADMIN" \
    BERTH_PASSWORD="$BERTH_ADMIN_PASSWORD" \
    PATH="$BATS_TEST_TMPDIR/bin:$LAB_DIR/usr/bin:$LAB_DIR/usr/sbin:$PATH" \
    sh -euxc "cd '$top'; . '$BATS_TEST_TMPDIR/walk'"
  echo "$output"
  [ "$status" = 0 ]
  [[ "$output" == *"succeeded: qa9 "* ]]
  [[ "$output" == *"succeeded: http://qa9.qa.lab/"* ]]
  [[ "$output" == *"branch trunk"*"rows 120000"* ]]
}

@test "the new server shows Berth's key alone, and its seed is gone" {
  run -0 in_lab -u berth berth-worker reach qa9
  [[ "$output" == *"berth reaches it: shop"* ]]
  run -0 in_lab ssh-keyscan -T 10 qa9.qa.lab
  [ "$(grep -v '^#' <<<"$output" | cut -d' ' -f2-3)" = \
    "$(cut -d' ' -f2-3 "$LAB_DIR/var/lib/berth/known_hosts/qa9")" ]
  virsh pool-refresh default
  run -0 grep -- -qa9- <(virsh vol-list default)
  [[ "$output" == *.qcow2* && "$output" != *.iso* ]]
  [[ "$(virsh dumpxml qa9)" != *.iso* ]]
  [[ "$(virsh dumpxml --inactive qa9)" != *.iso* ]]
  run -0 berth history qa9
  [[ "$output" == *built*provisioned* ]]
}
