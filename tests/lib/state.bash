# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Published state below $tree, as store/state.hpp has it on disk.

# state NAME [TEXT]: replaces it by TEXT, or by what stdin has.
state() {
  local body sum
  if [ $# -gt 1 ]; then body=$2; else body=$(cat); fi
  sum=$(printf %s "$body" | md5sum)
  local LC_ALL=C # a length in bytes
  (
    umask 027
    printf '%s %d\n%s' "${sum%% *}" "${#body}" "$body" \
      >"$tree/lib/state/.new"
  )
  mv "$tree/lib/state/.new" "$tree/lib/state/$1"
}
