#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# light.sh start: one more commit on trunk (main) and on checkout-2, without
# vendor/django: some twenty files are left, and a checkout of them takes an
# emulated guest seconds, where 3,500 take a minute. tags/1.0 (1.0) has them.
. "$(dirname "$0")/../lab/common.sh"
lab_place=data
enter_lab "$(readlink -f "$0")" "$@"
need_programs svnmucc git
svn=file://$LAB_DIR/repository/svn/shop
bare=$LAB_DIR/repository/git/shop.git
work=$LAB_DIR/tmp/light

# release.py says the revision that it was last changed in.
subversion() { # PATH
  local next
  next=$(($(svn info --show-item revision "$svn") + 1))
  svn cat "$svn/$1/shop/release.py" |
    sed "s|^REVISION = .*|REVISION = $next|" >"$work/release.py"
  svnmucc -m "Django from the system" -U "$svn" rm "$1/vendor" \
    put "$work/release.py" "$1/shop/release.py" >/dev/null
}

in_git() { # BRANCH
  git -C "$work/clone" checkout -q "$1"
  git -C "$work/clone" rm -rq vendor
  git -C "$work/clone" -c user.name=Shop -c user.email=shop@example.com \
    commit -qm "Django from the system"
  git -C "$work/clone" push -q origin "$1"
}

start() {
  install -d "$work"
  subversion trunk
  subversion branches/checkout-2
  # git serves nobody a repository of another user's.
  chown -R root:root "$bare"
  git clone -q --no-checkout "$bare" "$work/clone"
  in_git main
  in_git checkout-2
  chown -R repository:repository "$LAB_DIR/repository/svn/shop" "$bare"
  rm -rf "$work"
}

case "${1:-}" in
  start) start ;;
  *) die "usage: light.sh start (with LAB_DIR set)" ;;
esac
