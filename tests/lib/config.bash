# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# berth.conf for $tree, from the one of all tests beside this file.

# config URL [SECTION LINES]... [-SECTION]...: with these lines in a section,
# or without the section.
config() {
  local script="s|@tree@|$tree|g; s|@url@|$1|"
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      -*) script+=$'\n'"/^\\[${1#-}\\]\$/,/^\$/d" ;;
      *)
        script+=$'\n'"/^\\[$1\\]\$/a ${2//$'\n'/\\$'\n'}"
        shift
        ;;
    esac
    shift
  done
  sed "$script" "${BASH_SOURCE[0]%/*}/berth.conf"
}
