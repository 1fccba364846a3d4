# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The lab's cluster as its superuser; PGHOST and PGPORT are lab.env's.

# sql STATEMENT...; sql_in DATABASE STATEMENT...: until the first that fails.
sql() { sql_in postgres "$@"; }
sql_in() {
  local words=() statement
  for statement in "${@:2}"; do words+=(-c "$statement"); done
  psql -XAtqh "$PGHOST" -p "$PGPORT" -U postgres -v ON_ERROR_STOP=1 -d "$1" \
    "${words[@]}"
}
