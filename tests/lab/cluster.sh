# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # set by what sources this
# What the lab's clusters - postgres.sh, postgres18.sh, small.sh - share;
# sourced by them, behind common.sh. Each says first what it is:
#
#   part            its name: log/PART.log, run/PART.pid
#   bin, data       the folders of PostgreSQL's programs and of the data
#   PGHOST, PGPORT  exported: the folder of its socket, its port

installed_postgres() {
  find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1
}

# cluster_init AUTH LOCALE <SETTINGS: false, with the last of what initdb said
# on stdout, when that fails.
cluster_init() {
  install -d -o postgres -g postgres -m 0700 "$data"
  as postgres "$bin/initdb" -D "$data" --auth="$1" --encoding=UTF8 \
    --locale="$2" >"$LAB_DIR/log/initdb-$part.log" 2>&1 || {
    tail -n 3 "$LAB_DIR/log/initdb-$part.log"
    return 1
  }
  {
    echo "port = $PGPORT"
    echo "unix_socket_directories = '$PGHOST'"
    cat
  } >>"$data/postgresql.conf"
}

cluster_start() {
  part_start "$part" setpriv --reuid=postgres --regid=postgres --init-groups \
    "$bin/postgres" -D "$data"
  wait_for 30 "$part" psql -qX -d postgres -c 'SELECT 1' ||
    die "$(tail -n 20 "$LAB_DIR/log/$part.log")"
}

# cluster_roles <SQL: the roles and grants of docs/install.md,
# and then that SQL.
cluster_roles() {
  {
    echo "CREATE ROLE shop LOGIN;
      CREATE ROLE shop_restore LOGIN IN ROLE shop;
      CREATE ROLE berth LOGIN NOSUPERUSER CREATEDB
        IN ROLE shop, shop_restore;
      GRANT pg_signal_backend, pg_read_all_settings TO berth;"
    cat
  } | psql -qX -v ON_ERROR_STOP=1 -d postgres
}

# SQL: what lets Berth see files, for the progress of copies.
cluster_file_grants() {
  echo "GRANT EXECUTE ON FUNCTION pg_ls_dir(text),
    pg_ls_dir(text, boolean, boolean), pg_stat_file(text),
    pg_stat_file(text, boolean) TO berth;"
}

stop() { part_stop "$part" INT; }
