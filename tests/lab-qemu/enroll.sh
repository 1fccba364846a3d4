#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# enroll.sh NAME...: `berthctl enroll` on these guests, over the administrator's
# own ssh. It is in ~/.ssh for a real one; ssh reads that of the machine's root
# here, so another `ssh` stands before it in the PATH.
here=$(dirname "$(readlink -f "$0")")
. "$here/../lab/common.sh"
need_lab
bin=$LAB_DIR/admin/bin
install -d -m 0755 "$bin"
printf '#!/bin/sh\nexec /usr/bin/ssh -F %s "$@"\n' \
  "$LAB_DIR/admin/ssh_config" >"$bin/ssh"
chmod 0755 "$bin/ssh"
for name; do
  "$lab_source/in.sh" env PATH="$bin:$LAB_DIR/usr/sbin:/usr/sbin:/usr/bin:/bin" \
    berthctl enroll "$name" --yes
done
