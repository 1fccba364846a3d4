#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cache.sh [light]: prints the folder that holds the demo's repositories (svn/,
# git.git/) under build/lab-cache, making them first if their recipe is new.
# light: the same history without Django's sources.
#
# The folder is named by a hash of everything it is made from: the recipes, the
# shop, the release of Django and of PostgreSQL. A half-made one is never seen:
# it is made aside and renamed. The dump is added by dump.sh, in the same way,
# because that needs a running PostgreSQL.
. "${0%/*}/common.sh"
need_programs svnadmin svnmucc git sha256sum

recipe() {
  cd "$lab_source"
  find shop repository-make.sh dump.sh -type f | LC_ALL=C sort |
    xargs sha256sum
  /usr/bin/python3 -c 'import django; print(django.__file__, django.get_version())'
  ls -d /usr/lib/postgresql/*
}
name=$(recipe | sha256sum | cut -c1-16)${1:+-$1}
cache=$top/build/lab-cache
mkdir -p "$cache"
# Of labs that start together one makes it and the others wait.
exec 8>"$cache/.$name.lock"
[ -d "$cache/$name" ] || flock 8
if [ ! -d "$cache/$name" ]; then
  say "making the demo's repositories (once; about 15 s; ${1:-whole})"
  aside=$(mktemp -d "$cache/.making.XXXXXX")
  trap 'rm -rf "$aside"' EXIT
  "$lab_source/repository-make.sh" "$aside" "${1:-whole}"
  chmod 0755 "$aside"
  mv -T "$aside" "$cache/$name"
fi
printf '%s\n' "$cache/$name"
