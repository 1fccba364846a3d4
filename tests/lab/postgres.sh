#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# postgres.sh start|stop|restart: the lab's PostgreSQL cluster.
#
# Roles: `berth`, which may create databases but is no superuser, and `shop`,
# which owns the data and is the site's login. On TCP both need a password. On
# the socket one has to be that uid; root may be anybody, so that a script run
# by root needs no password (psql -h LAB_DIR/postgres/socket -U berth). The web
# user gets in on neither way.
. "$(dirname "$0")/common.sh"
enter_lab "$(readlink -f "$0")" "$@"

dir=$LAB_DIR/postgres
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
PGPORT=$(lab_get PGPORT)
export PGPORT PGHOST=$dir/socket PGUSER=postgres

make_cluster() {
  install -d -m 0755 "$dir"
  install -d -o postgres -g postgres -m 0755 "$dir/socket"
  install -d -o postgres -g postgres -m 0700 "$dir/data"
  as postgres "$bin/initdb" -D "$dir/data" --auth=reject --encoding=UTF8 \
    --locale=C.UTF-8 >"$LAB_DIR/log/initdb.log" 2>&1 ||
    die "initdb: $(cat "$LAB_DIR/log/initdb.log")"
  cat >>"$dir/data/postgresql.conf" <<EOS
listen_addresses = '127.0.0.1'
port = $PGPORT
unix_socket_directories = '$dir/socket'
shared_buffers = 64MB
max_connections = 60
# The faults here are kill -9 of processes. What a killed process has written
# is in the kernel and stays there, so its fsyncs prove nothing and only wait;
# no test takes the power away. Recovery from the log is as real without.
fsync = off
EOS
  cat >"$dir/data/pg_hba.conf" <<EOS
local all all              peer map=lab
host  all all 127.0.0.1/32 scram-sha-256
EOS
  printf 'lab %s\n' 'root postgres' 'root root' 'root berth' 'root shop' \
    'postgres postgres' 'berth berth' >"$dir/data/pg_ident.conf"
}

make_roles() {
  local berth shop
  berth=$(lab_get BERTH_DATABASE_PASSWORD)
  shop=$(lab_get SHOP_DATABASE_PASSWORD)
  # What the README tells an administrator to grant, and nothing more.
  psql -qX -v ON_ERROR_STOP=1 -d postgres <<EOS
CREATE ROLE root SUPERUSER LOGIN;
CREATE ROLE shop LOGIN PASSWORD '$shop';
CREATE ROLE berth LOGIN NOSUPERUSER CREATEDB PASSWORD '$berth' IN ROLE shop;
GRANT pg_signal_backend TO berth;
GRANT EXECUTE ON FUNCTION pg_ls_dir(text), pg_ls_dir(text, boolean, boolean),
  pg_stat_file(text), pg_stat_file(text, boolean) TO berth;
EOS
}

restore() {
  local cache database
  cache=$("$lab_source/cache.sh")
  "$lab_source/dump.sh" "$cache"
  for database in shop_base shopgit_base; do
    createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 \
      --owner=shop "$database"
    pg_restore --no-owner --no-privileges --role=shop --exit-on-error \
      -d "$database" "$cache/shop.dump"
  done
}

no_backends() {
  local folder
  for folder in /proc/[0-9]*; do
    if [ "$(cat "$folder/comm" 2>/dev/null)" = postgres ] &&
      [ "$(readlink "$folder/ns/ipc" 2>/dev/null)" = \
        "$(readlink /proc/self/ns/ipc)" ]; then
      return 1
    fi
  done
}

start() {
  local new=
  [ -d "$dir/data" ] || { make_cluster; new=1; }
  if ! part_runs postgres; then
    # After a kill -9 the pid files name a pid that may be another's by now, or
    # a zombie's that nobody has waited for; what counts is the backends.
    wait_for 10 "the end of the old backends" no_backends
    rm -f "$dir/data/postmaster.pid" "$dir/socket/".s.PGSQL.*
  fi
  part_start postgres setpriv --reuid=postgres --regid=postgres --init-groups \
    "$bin/postgres" -D "$dir/data"
  wait_for 30 PostgreSQL psql -qX -d postgres -c 'SELECT 1' ||
    die "$(tail -n 20 "$LAB_DIR/log/postgres.log")"
  [ -z "$new" ] || { make_roles; restore; }
}

stop() { part_stop postgres INT; }

part_main "$@"
