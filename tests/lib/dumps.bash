# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # dumps and etc are the tests'
# Dumps as an admin has them, made by pg_dump of small databases, and what the
# tests of a refresh ask of the cluster. Loaded after worker.bash.

# In setup_file, setup and teardown.
dumps_start() {
  worker_start postgres,backup
  make_dumps
}
dumps_setup() {
  lab_env
  dumps=$LAB_DIR/backup/dumps
  etc=$LAB_DIR/etc/berth
}
dumps_teardown() {
  end_all
  backup_is_calm
  rm -f "$etc/conf.d/"*
}

# made NAME SQL: a database of that name.
made() {
  createdb -h "$PGHOST" -p "$PGPORT" -U postgres -T template0 "$1"
  sql_in "$1" "$2"
}
dump() {  # NAME FORMAT FILE
  in_lab setpriv --reuid=postgres --regid=postgres --init-groups pg_dump \
    -h "$PGHOST" -p "$PGPORT" -d "$1" "-F$2" -f "$LAB_DIR/backup/dumps/$3"
  chmod -R a+rX "$LAB_DIR/backup/dumps/$3"
}

make_dumps() {
  local people="CREATE TABLE person (id int PRIMARY KEY, mail text UNIQUE);
    INSERT INTO person VALUES (1, 'ann@private.example'),
      (2, 'bob@private.example');"
  made people "$people"
  dump people c oldest.dump
  sleep 1.1  # a dump's date has no fractions
  dump people c people.dump
  dump people d people.directory
  dump people t people.tar
  dump people p people.sql
  made big "$people CREATE TABLE log_line AS SELECT n,
    repeat('x', 400) AS words FROM generate_series(1, 12000) n"
  sleep 1.1
  dump big c big.dump
  dump people c later.dump
  made orphan "$people CREATE TABLE letter (mail text REFERENCES
    person (mail)); SET session_replication_role = replica;
    INSERT INTO letter VALUES ('eve@private.example')"
  dump orphan c orphan.dump
  made former "$people CREATE PUBLICATION everything FOR ALL TABLES;
    COMMENT ON EXTENSION plpgsql IS 'ours'; COMMENT ON SCHEMA public IS 'it';
    GRANT ALL ON person TO postgres; CREATE ROLE nowhere;
    ALTER TABLE person OWNER TO nowhere"
  dump former c former.dump
  # Its policy shows nobody's rows to who names no tenant, the owner included.
  made tenants "CREATE TABLE person (id int PRIMARY KEY, tenant int, mail text);
    INSERT INTO person SELECT n, n % 5, 'p' || n || '@private.example'
      FROM generate_series(1, 500) n;
    ALTER TABLE person ENABLE ROW LEVEL SECURITY;
    ALTER TABLE person FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON person
      USING (tenant = current_setting('app.tenant', true)::int)"
  dump tenants c tenants.dump
  # Names that `pg_restore -l` does not tell from their owners, and partitions.
  made odd "$people CREATE ROLE \"items shop\";
    CREATE TABLE \"order\" AS SELECT 1 AS id;
    ALTER TABLE \"order\" OWNER TO \"items shop\";
    CREATE TABLE \"order items\" AS SELECT 1 AS id;
    CREATE TABLE event (at int, id int) PARTITION BY RANGE (at);
    CREATE TABLE \"old events\" PARTITION OF event FOR VALUES FROM (0) TO (9)
      PARTITION BY LIST (id);
    CREATE TABLE others PARTITION OF \"old events\" DEFAULT;
    CREATE TABLE rest PARTITION OF event DEFAULT;
    INSERT INTO event VALUES (1, 1), (99, 1);
    CREATE TABLE log (at int); CREATE TABLE log_2024 () INHERITS (log);
    INSERT INTO log_2024 VALUES (1)"
  dump odd c odd.dump
  # Views that keep rows of their own, each named before what it reads, and the
  # planner's samples of what is truncated.
  made derived "$people CREATE TABLE visit AS SELECT 'ann@private.example'
      AS mail FROM generate_series(1, 500);
    CREATE MATERIALIZED VIEW zz AS SELECT mail FROM person;
    CREATE VIEW middle AS SELECT mail FROM zz;
    CREATE MATERIALIZED VIEW aa AS SELECT mail FROM middle;
    CREATE MATERIALIZED VIEW empty AS SELECT mail FROM person WITH NO DATA;
    SELECT lo_from_bytea(0, 'ann@private.example')"
  dump derived c derived.dump
  # An index that takes its time, when it is built and when it is analysed.
  made slow "$people CREATE FUNCTION slowly(int) RETURNS int IMMUTABLE
      LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.25); RETURN \$1; END';
    CREATE INDEX person_slow ON person (slowly(id))"
  dump slow c slow.dump
  # A function that writes in VACUUM, beside what calls it then.
  made late "$people CREATE FUNCTION back() RETURNS int LANGUAGE plpgsql AS
      'BEGIN UPDATE public.person SET mail = ''ann@private.example''
        WHERE id = 1; RETURN 1; END';
    CREATE FUNCTION late(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
      'BEGIN IF current_query() ~ ''^(VACUUM|ANALYZE)'' THEN
        PERFORM public.back();
        END IF; RETURN n; END';
    CREATE TABLE trap AS SELECT 1 AS n; CREATE INDEX trap_late ON trap (late(n))"
  dump late c late.dump
  # What pg_dump does not write: a comment's place has it.
  made prepared "$people COMMENT ON TABLE person IS '$(printf '%080d' 0)'"
  for name in prepared dropping; do
    dump prepared d $name.directory
  done
  in_its_place prepared \
    "BEGIN; CREATE TABLE public.late (); PREPARE TRANSACTION 'of the dump';"
  in_its_place dropping "DROP DATABASE shop_qa7;"
  # It takes back the role that restores it became, and notes who it is then.
  made hostile "CREATE TABLE became (who text);
    CREATE FUNCTION trap() RETURNS boolean LANGUAGE plpgsql AS
      'BEGIN RESET ROLE; INSERT INTO public.became VALUES (current_user);
        RETURN true; END';
    CREATE TABLE victim (id int CHECK (trap())); INSERT INTO victim VALUES (1);
    TRUNCATE became; GRANT ALL ON became TO PUBLIC"
  dump hostile c hostile.dump
  # It changes the roles that restore it, for good.
  local sets="EXECUTE format('ALTER ROLE CURRENT_USER SET application_name
    = %L', mail)"
  made roles "CREATE FUNCTION trap(mail text) RETURNS boolean LANGUAGE plpgsql
      AS \$\$ BEGIN IF current_user = 'shop' THEN $sets; RESET ROLE; $sets;
        SET ROLE shop; END IF; RETURN true; END \$\$;
    CREATE TABLE victim (mail text CHECK (trap(mail)));
    INSERT INTO victim VALUES ('ann@private.example')"
  dump roles c roles.dump
  # The owner alone, as everybody can who has its password.
  made own "CREATE FUNCTION trap(mail text) RETURNS boolean LANGUAGE plpgsql
      AS \$\$ BEGIN IF current_user = 'shop' THEN $sets; END IF;
        RETURN true; END \$\$;
    CREATE TABLE victim (mail text CHECK (trap(mail)));
    INSERT INTO victim VALUES ('ann@private.example')"
  dump own c own.dump
  for name in people big orphan former tenants odd derived slow late prepared \
    hostile roles own; do
    dropdb -h "$PGHOST" -p "$PGPORT" -U postgres "$name"
  done
}

# in_its_place NAME SQL: in the table of contents of NAME.directory, for the
# comment.
in_its_place() {
  python3 - "$LAB_DIR/backup/dumps/$1.directory/toc.dat" "$2" <<'EOF'
import re, sys
old = open(sys.argv[1], "rb").read()
new, n = re.subn(rb"COMMENT ON TABLE public.person IS '0+';",
                 lambda m: sys.argv[2].encode().ljust(len(m[0])), old)
assert n == 1
open(sys.argv[1], "wb").write(new)
EOF
}

# A dump of one table and one large object as a folder, leak, for a test to
# spoil; and a secret of berth's that its author would like to have.
make_leak() {
  secret=$LAB_DIR/var/lib/berth/home/.secret
  in_lab -u berth sh -c 'umask 077; echo key-of-the-console >"$1"' - "$secret"
  rm -rf "$dumps/leak"
  made leak "CREATE TABLE line (text text); INSERT INTO line VALUES ('ours');
    SELECT lo_from_bytea(4711, 'ours')"
  dump leak d leak
  dropdb -h "$PGHOST" -p "$PGPORT" -U postgres leak
}
# named_elsewhere NAME: leak's table of contents has it for the table's rows.
named_elsewhere() {
  python3 - "$dumps/leak/toc.dat" "$1" <<'EOF'
import re, struct, sys
path, name = sys.argv[1], sys.argv[2].encode()
old = open(path, "rb").read()
new, n = re.subn(rb"\0\x08\0\0\0[0-9]{4}\.dat",
                 lambda m: b"\0" + struct.pack("<i", len(name)) + name, old, 1)
assert n == 1
open(path, "wb").write(new)
EOF
}
# The same for the large object, in a table that pg_restore would unpack.
object_elsewhere() {
  printf '4711 %s\n' "$1" | gzip >"$dumps/leak/blobs.toc.gz"
  rm -f "$dumps/leak/blobs.toc"
  chmod a+r "$dumps/leak/blobs.toc.gz"
}
nothing_leaked() {
  local file
  for file in "$LOG_DIR/$N.log" "$LOG_DIR/$N.private.log" "$STEPS"; do
    [ ! -e "$file" ] || ! grep -F key-of-the-console "$file" || return 1
  done
  [ -z "$(newest "$name")" ] && nothing_left "$name"
}

# between_list_and_copy COMMANDS [KIB]: what the backup host does when a dump
# was listed and is about to be sent, KIB a second of it; until backup_is_calm.
between_list_and_copy() {
  local backup=$LAB_DIR/backup
  cat >"$backup/between" <<EOS
#!/bin/bash
cd "$dumps" || exit
echo >>"$backup/calls"
if [ "\$(wc -l <"$backup/calls")" = 2 ]; then
$1
fi
SSH_ORIGINAL_COMMAND=\${SSH_ORIGINAL_COMMAND/--sender/--sender ${2:+--bwlimit=$2}}
export SSH_ORIGINAL_COMMAND
exec rrsync -ro "$dumps"
EOS
  in_lab install -o postgres -m 0644 /dev/null "$backup/calls"
  chmod 0755 "$backup/between"
  [ -e "$backup/authorized_keys~" ] ||
    in_lab cp -p "$backup/authorized_keys" "$backup/authorized_keys~"
  in_lab sed -i "s|command=\"[^\"]*\"|command=\"$backup/between\"|" \
    "$backup/authorized_keys"
}
backup_is_calm() {
  [ ! -e "$LAB_DIR/backup/authorized_keys~" ] ||
    in_lab mv "$LAB_DIR/backup/authorized_keys~" \
      "$LAB_DIR/backup/authorized_keys"
}
# fetch_watched: a refresh; LARGEST is what the cache held at most, in bytes.
fetch_watched() {
  local now
  LARGEST=0
  refresh_begin
  while kill -0 "$WORKER" 2>/dev/null; do
    now=$(du -sb "$LAB_DIR/var/cache/berth/$name" 2>/dev/null | cut -f1)
    [ "${now:-0}" -le "$LARGEST" ] || LARGEST=$now
    sleep 0.1
  done
  wait "$WORKER" || true
}

# application NAME LINES...: makes it the test's.
application() {
  name=$1
  shift
  install -d "$etc/conf.d"
  rm -rf "$etc/scrub/$name"
  {
    printf '[application.%s]\nrepository = "svn://127.0.0.1:1/x"\n' "$name"
    printf 'kind = "svn"\ncluster = "db1"\nowner = "shop"\nroot = "/srv/x"\n'
    printf 'database = "%s_{server}"\n' "${name//-/_}"
    printf 'restore_user = "shop_restore"\n'
    printf '%s\n' "$@"
  } >"$etc/conf.d/$name.conf"
}
slow_application() {
  application "$1" "dump = \"$dumps/slow.dump\""
  script 10-slow.sql "SELECT pg_sleep(0.6);"
  script 20-slow.assert.sql "SELECT 1 FROM pg_sleep(0.6) WHERE false;"
}
# Where in a step of a slow application something shall happen, in ms.
delay_in() {
  case $1 in fetch) echo 150 ;; publish) echo 5 ;; *) echo 250 ;; esac
}
script() {
  install -d "$etc/scrub/$name"
  printf '%s\n' "$2" >"$etc/scrub/$name/$1"
}

refresh() {
  end_all
  put_job refresh "" "$name" "${1:-{\"again\": false\}}"
  work
}
refresh_begin() {
  put_job refresh "" "$name" '{"again": true}'
  work 3>&- &
  WORKER=$!
}
until_step() {  # STEP [EVENT]
  for _ in {1..200}; do
    if grep -q "\"step\":\"$1\",\"event\":\"${2:-start}\"" "$STEPS" \
      2>/dev/null; then
      sleep 0.2
      return
    fi
    sleep 0.05
  done
  return 1
}
end_all() { rm -f "$SPOOL_DIR/active/"*; }
steps_ended() {
  jq -r 'select(.event == "end" and .step != "job") | .step + ":" + .state' \
    "$STEPS" | paste -sd ' '
}

# The newest generation that builds would get, and all that is not one.
newest() {
  sql "SELECT max(datname) FROM pg_database WHERE datconnlimit = 0 AND
    NOT datallowconn AND datname ~ '_b_${1//-/_}_[0-9]{14}\$' AND
    shobj_description(oid, 'pg_database')::json->>'state' = 'ready'"
}
nothing_left() {
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname ~ '^berth_.*_t_'
    OR (datname ~ '_b_${1//-/_}_' AND (datconnlimit <> 0 OR datallowconn))")" = 0 ]
}
made_at() {
  TZ='' date -u -d "$(LC_ALL=C pg_restore -l "$dumps/$1" |
    sed -n 's/^; Archive created at //p')" +%Y-%m-%dT%H:%M:%SZ
}
no_row_outside() {
  ! grep -qF "private.example" "$LOG_DIR/$N.log" "$STEPS"
}

# copy_of BASE NAME
copy_of() {
  dropdb --if-exists -h "$PGHOST" -p "$PGPORT" -U postgres "$2" 2>/dev/null
  createdb -h "$PGHOST" -p "$PGPORT" -U postgres -T "$1" "$2"
}
