#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# repository.sh start|stop|restart: SVN_URL and GIT_URL, both readable
# by anybody.
#
# Each lab serves its own copy, so that a test may commit to it as root:
# file://LAB_DIR/repository/svn/shop and LAB_DIR/repository/git/shop.git.
. "${0%/*}/common.sh"
lab_place=data
enter_lab "$lab_source/${0##*/}" "$@"
need_programs svnserve git
dir=$LAB_DIR/repository

copy() {
  local cache
  cache=$("$lab_source/cache.sh" ${LAB_LIGHT:+light})
  install -d -m 0755 "$dir" "$dir/svn" "$dir/git"
  cp -R --reflink=auto "$cache/svn" "$dir/svn/shop"
  cp -R --reflink=auto "$cache/git.git" "$dir/git/shop.git"
  chown -R repository:repository "$dir/svn/shop" "$dir/git/shop.git"
  cat >"$dir/svn/shop/conf/svnserve.conf" <<EOS
[general]
anon-access = read
auth-access = read
realm = shop
EOS
}

answers() {
  svn info --non-interactive "$(lab_get SVN_URL)" &&
    git ls-remote --exit-code "$(lab_get GIT_URL)" HEAD
}

start() {
  [ -d "$dir/svn/shop" ] || copy
  part_start svnserve setpriv --reuid=repository --regid=repository \
    --clear-groups svnserve --daemon --foreground --root "$dir/svn" \
    --listen-host "$(lab_get DATA_ADDRESS)" --listen-port "$(lab_get SVN_PORT)"
  part_start gitd setpriv --reuid=repository --regid=repository \
    --clear-groups git daemon --export-all --base-path="$dir/git" \
    --listen="$(lab_get DATA_ADDRESS)" --port="$(lab_get GIT_PORT)" \
    --reuseaddr --log-destination=stderr "$dir/git"
  wait_for 10 "the repository" answers ||
    die "$(tail -n 3 "$LAB_DIR/log/svnserve.log" "$LAB_DIR/log/gitd.log")"
}

stop() {
  part_stop svnserve
  part_stop gitd
}

part_main "$@"
