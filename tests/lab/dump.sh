#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dump.sh CACHE: makes CACHE/shop.dump, a real pg_dump -Fc of the shop's
# migrated and filled database, unless it is there. Runs inside the lab, with
# its PostgreSQL up, as its superuser; postgres.sh calls it.
. "${0%/*}/common.sh"
out=$1/shop.dump
[ ! -f "$out" ] || exit 0
exec 8>"$1/.dump.lock"
flock 8
[ ! -f "$out" ] || exit 0
need_lab
say "making the demo's dump (once)"
work=$(mktemp -d "$LAB_DIR/dump.XXXXXX")
database=dump_making
chmod 0755 "$work"
cat >"$work/settings.py" <<EOS
SECRET_KEY = "making the dump"
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": "$database",
    "USER": "postgres", "HOST": "$LAB_DIR/postgres/socket",
    "PORT": "$(lab_get PGPORT)"}}
EOS
export PGHOST=$LAB_DIR/postgres/socket PGPORT PGUSER=postgres
PGPORT=$(lab_get PGPORT)
createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 "$database"
(
  cd "$lab_source/shop/trunk"
  SHOP_SETTINGS=$work/settings.py PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 manage.py migrate --verbosity 0
)
psql -qX -v ON_ERROR_STOP=1 -d "$database" -f "$lab_source/shop/fill.sql"
pg_dump -Fc -f "$work/shop.dump" "$database"
dropdb "$database"
cp "$work/shop.dump" "$out.new"
mv "$out.new" "$out"
rm -rf "$work"
