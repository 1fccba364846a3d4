#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# on.sh NAME [COMMAND...]: a shell line on that guest, as root, with the
# administrator's key (not the console's). Standard input goes along.
. "$(dirname "$0")/../lab/common.sh"
enter_lab "$(readlink -f "$0")" "$@"
exec ssh -F "$LAB_DIR/admin/ssh_config" "$@"
