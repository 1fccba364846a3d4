#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# postgres.sh start|stop|restart: the lab's PostgreSQL cluster.
#
# Roles: `berth`, which may create databases but is no superuser, and `shop`,
# which owns the data and is the site's login. On TCP both need a password. On
# the socket one has to be that uid; root may be anybody, so that a script run
# by root needs no password (psql -h LAB_DIR/postgres/socket -U berth). The web
# user gets in on neither way.
. "${0%/*}/common.sh"
lab_place=data
enter_lab "$lab_source/${0##*/}" "$@"
. "${0%/*}/cluster.sh"

part=postgres dir=$LAB_DIR/postgres
bin=$(installed_postgres) data=$dir/data
PGPORT=$(lab_get PGPORT)
export PGPORT PGHOST=$dir/socket PGUSER=postgres

make_cluster() {
  install -d -m 0755 "$dir"
  install -d -o postgres -g postgres -m 0755 "$dir/socket"
  cluster_init reject C.UTF-8 <<EOS || die "initdb failed"
listen_addresses = '$(lab_get DATA_ADDRESS)'
shared_buffers = 64MB
max_connections = 60
max_prepared_transactions = 4
# The faults here are kill -9 of processes. What a killed process has written
# is in the kernel and stays there, so its fsyncs prove nothing and only wait;
# no test takes the power away. Recovery from the log is as real without.
fsync = off
EOS
  cat >"$dir/data/pg_hba.conf" <<EOS
local all all              peer map=lab
host  all all $(lab_get DATA_CLIENTS) scram-sha-256
EOS
  [ "$(lab_get DATA_ADDRESS)" = 127.0.0.1 ] || make_tls
  printf 'lab %s\n' 'root postgres' 'root root' 'root berth' 'root shop' \
    'postgres postgres' 'berth berth' 'berth shop_restore' >"$dir/data/pg_ident.conf"
}

# As docs/install.md has it, for a cluster on another machine: berth must use
# TLS, and berth.conf has the certificate.
make_tls() {
  local etc=$LAB_DIR/etc/berth
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -days 2 -subj /CN=db1 \
    -addext "subjectAltName=IP:$(lab_get DATA_ADDRESS)" \
    -keyout "$data/server.key" -out "$data/server.crt" \
    2>"$LAB_DIR/log/openssl-db1.log" ||
    die "$(cat "$LAB_DIR/log/openssl-db1.log")"
  chown postgres:postgres "$data/server.key" "$data/server.crt"
  chmod 0600 "$data/server.key"
  echo "ssl = on" >>"$data/postgresql.conf"
  sed -i '2i hostnossl all berth,shop_restore all reject' "$data/pg_hba.conf"
  install -m 0644 "$data/server.crt" "$etc/db1.crt"
}

make_roles() {
  local berth restore shop
  berth=$(lab_get BERTH_DATABASE_PASSWORD)
  restore=$(lab_get RESTORE_DATABASE_PASSWORD)
  shop=$(lab_get SHOP_DATABASE_PASSWORD)
  cluster_roles <<EOS
CREATE ROLE root SUPERUSER LOGIN;
ALTER ROLE shop PASSWORD '$shop';
ALTER ROLE shop_restore PASSWORD '$restore';
ALTER ROLE berth PASSWORD '$berth';
$(cluster_file_grants)
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
  cluster_start
  [ -z "$new" ] || { make_roles; restore; }
}

part_main "$@"
