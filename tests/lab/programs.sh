#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# programs.sh: copies what was built into LAB_DIR/usr, as `make install` would
# lay it out. runner.sh and apache.sh call it, so `runner.sh restart` takes up
# what was compiled since. A copy, because the tree may lie where neither berth
# nor the web user can go.
. "${0%/*}/common.sh"
need_lab
usr=$LAB_DIR/usr

# put FOLDER FILE...: a file that runs is replaced, not written to.
put() {
  local folder=$usr/$1 file
  shift
  install -d -m 0755 "$folder"
  for file; do
    [ -f "$file" ] || continue
    install -m 0755 "$file" "$folder/.${file##*/}.$$"
    mv "$folder/.${file##*/}.$$" "$folder/${file##*/}"
  done
}

# berthd finds its worker and watcher beside itself before it looks in the
# libexec folder that configure was given.
put sbin "$top/build/bin/berthd" "$top/build/bin/berthctl" \
  "$top/build/bin/berth-worker" "$top/build/bin/berth-watch" \
  "$top/build/bin/berth-hypervisor"
put bin "$top/sbin/berth"
put libexec/berth "$top/build/bin/berth.fcgi"
install -d -m 0755 "$usr/share/berth/guest"
cp -R "$top/sbin/guest/berth-guest" "$top/sbin/guest/berth-guest.d" \
  "$top/sbin/guest/berth-enroll" "$usr/share/berth/guest"
chmod -R go+rX "$usr/share/berth/guest"
rm -rf "$usr/share/berth/.htdocs"
cp -R "$top/htdocs" "$usr/share/berth/.htdocs"
chmod -R go+rX "$usr/share/berth/.htdocs"
rm -rf "$usr/share/berth/htdocs"
mv "$usr/share/berth/.htdocs" "$usr/share/berth/htdocs"
