#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# guests.sh start|stop|restart: the six test servers qa1 to qa6.
#
# A guest is a folder that is the root of its own processes: an sshd with the
# forced command, and an Apache with mod_wsgi. Its /usr is the machine's, read
# only; /etc, /srv, /var, /usr/local and the user table are its own. So it has
# its own `berth`, `shop` and `www-data`, whose uids are not the console's, and
# berth-guest and the templates run unchanged, with the paths a real guest has.
#
# What the guests do share is the network: each has its own two loopback ports.
# site.sh's one address, SITE_URL/qa1/, leads to all of them.
. "${0%/*}/common.sh"
enter_lab "$lab_source/${0##*/}" "$@"
need_programs chroot sshd sudo apache2 svn git jq

start() {
  local guest
  for guest in $lab_guests; do
    "$lab_source/guest-make.sh" "$guest"
    part_start "$guest-sshd" chroot "$LAB_DIR/guests/$guest" \
      /usr/sbin/sshd -D -e
    part_start "$guest-apache" env -i PATH=/usr/sbin:/usr/bin \
      chroot "$LAB_DIR/guests/$guest" /usr/sbin/apachectl -D FOREGROUND
  done
  for guest in $lab_guests; do
    wait_for 20 "$guest's Apache" curl -s -o /dev/null \
      "http://127.0.0.1:$(lab_get "HTTP_PORT_$guest")/"
    wait_for 20 "$guest's sshd" ssh-keyscan -p \
      "$(lab_get "SSH_PORT_$guest")" 127.0.0.1
  done
  "$lab_source/site.sh" start
}

stop() {
  local guest
  "$lab_source/site.sh" stop
  for guest in $lab_guests; do
    part_stop "$guest-sshd"
    part_stop "$guest-apache"
  done
}

part_main "$@"
