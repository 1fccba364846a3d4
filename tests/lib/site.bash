# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a built server of the lab serves.

# site SERVER: its address.
site() { printf '%s' "${SITE_PATTERN/\{server\}/$1}"; }

# What the shop says of itself: its branch, its revision, its rows.
health() { curl -s --max-time 300 "$(site "$1")health"; }
