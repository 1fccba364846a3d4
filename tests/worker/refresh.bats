#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Refreshes, each on real dumps from the lab's backup host or a folder here.
# Every test has an application of its own, so that its generations are too.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/dumps
load ../lib/wait

setup_file() { dumps_start; }
teardown_file() { worker_stop; }
setup() { dumps_setup; }
teardown() { dumps_teardown; }

@test "a dump comes over ssh, and becomes a generation that only berth owns" {
  application over-ssh 'dump = "backup:/people.dump"'
  refresh
  [ "$(outcome) $(result committed)" = "succeeded true" ]
  [ "$(steps_ended)" = "fetch:done restore:done scrub:done vacuum:done assert:done publish:done" ]
  base=$(newest over-ssh)
  [ "$(sql "SELECT datallowconn, datistemplate, datconnlimit, datacl FROM pg_database
    WHERE datname = '$base'")" = "f|f|0|{berth=CTc/berth}" ]
  # The date is the dump's own; what is in it belongs to its owner.
  [ "$(sql "SELECT shobj_description(oid, 'pg_database')::json->>'data_at'
    FROM pg_database WHERE datname = '$base'")" = "$(made_at people.dump)" ]
  copy_of "$base" peek
  [ "$(sql_in peek "SELECT string_agg(mail || '=' || tableowner, ' ' ORDER BY 1)
    FROM person, pg_tables WHERE tablename = 'person'")" = \
    "ann@private.example=shop bob@private.example=shop" ]
  # What the owner was lent is his no more; statistics are there.
  [ "$(sql_in peek "SELECT nspacl FROM pg_namespace WHERE nspname = 'public'")" = \
    "{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}" ]
  [ "$(sql_in peek "SELECT reltuples FROM pg_class WHERE relname = 'person'")" = 2 ]
  [ ! -e "$LOG_DIR/$N.private.log" ]
}

@test "a dump that is no newer ends it early, unless asked again" {
  application twice 'dump = "backup:/people.dump"'
  refresh
  first=$(newest twice)
  refresh
  [ "$(outcome) $(result committed)" = "succeeded false" ]
  result detail | grep -qF "is not newer than generation ${first##*_}"
  [ "$(steps_ended)" = "fetch:done restore:skipped scrub:skipped vacuum:skipped assert:skipped publish:skipped" ]
  [ "$(newest twice)" = "$first" ]
  # An older one is no newer either.
  application twice 'dump = "backup:/oldest.dump"'
  refresh
  [ "$(result committed)" = false ]
  refresh '{"again": true}'
  [ "$(outcome) $(result committed)" = "succeeded true" ]
  [[ "$(newest twice)" > "$first" ]]
}

# dated FILE YEARS: a copy of people.directory whose table of contents says so.
dated() {
  rm -rf "$dumps/$1"
  cp -a "$dumps/people.directory" "$dumps/$1"
  python3 - "$dumps/$1/toc.dat" "$2" <<'EOF'
import struct, sys
path, years = sys.argv[1], int(sys.argv[2])
old = bytearray(open(path, "rb").read())
# PGDMP, three bytes of version, sizes of int and offset, format; from 1.15 on
# a byte of compression, before an int; then seven ints from seconds to isdst.
# An int is its sign in a byte, and four bytes.
at = 11 + (1 if old[6] >= 15 else 5) + 5 * 5
assert old[at] == 0
year = struct.unpack_from("<i", old, at + 1)[0]
assert 100 < year < 300, year
struct.pack_into("<i", old, at + 1, year + years)
open(path, "wb").write(old)
EOF
}

# Nothing was newer than it for 60 years.
@test "a dump from the future is refused, and keeps no later one out" {
  dated ahead 60
  application ahead "dump = \"$dumps/ahead\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qE "read the dump $dumps/ahead: is dated 20[89][0-9]-.*: no later dump would be newer than it"
  [ "$(newest ahead)" = "" ]
  # A generation of before this was refused.
  application ahead "dump = \"$dumps/people.dump\""
  refresh
  base=$(newest ahead)
  sql "DO \$\$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', '$base',
    regexp_replace((SELECT shobj_description(oid, 'pg_database')
      FROM pg_database WHERE datname = '$base'),
      '\"data_at\":\"[0-9]{4}', '\"data_at\":\"2099')); END \$\$"
  refresh
  [ "$(outcome) $(result committed)" = "succeeded true" ]
  grep -qF "the date of generation ${base##*_}, 2099-" "$LOG_DIR/$N.log"
  grep -qF "is in the future: any dump counts as newer" "$LOG_DIR/$N.log"
}

# The progress records of one step, as jq sees them.
progress_of() {
  jq -s "[.[] | select(.step == \"$1\" and .event == \"progress\")]" "$STEPS"
}

@test "every long step says how far it is" {
  # Not a dump, as will be found out; but large enough to be seen coming.
  truncate -s 100M "$dumps/large.dump"
  application large 'dump = "backup:/large.dump"'
  refresh
  rm "$dumps/large.dump"
  result detail | grep -q "is not a dump"
  progress_of fetch | jq -e '.[0].done > 0 and .[0].done <= .[0].total and
    all(.total == 104857600 and .unit == "bytes")'
  slow_application told
  refresh
  succeeded
  progress_of restore | jq -e 'length > 0 and
    ([.[].done] == ([.[].done] | sort)) and
    all(.unit == "%" and .total == 100 and
      (.message | test("^[0-9]+ of [0-9]+ items")))'
  progress_of vacuum | jq -e 'length > 0 and all(.unit == "bytes" and
    .total > 0 and .done <= .total)'
  # What an item took is its weight the next time.
  in_lab cat "$LAB_DIR/var/cache/berth/told.durations.json" |
    jq -e '."INDEX public person_slow" >= 250'
}

@test "what was fetched before the line broke is gone on from" {
  application broken 'dump = "backup:/people.dump"'
  in_lab -u berth install -d -m 0700 "$LAB_DIR/var/cache/berth/broken"
  head -c 3000 "$dumps/people.dump" |
    in_lab -u berth tee "$LAB_DIR/var/cache/berth/broken/people.dump" >/dev/null
  here=$LAB_DIR/var/cache/berth/broken/people.dump
  inode=$(stat -c %i "$here")
  refresh
  succeeded
  [ "$(stat -c %i "$here")" = "$inode" ]
  cmp "$here" "$dumps/people.dump"
}

@test "a backup host that is away, or has no such dump, is told in fetch" {
  application away 'dump = "backup:/people.dump"'
  "$LAB/backup.sh" stop
  refresh
  "$LAB/backup.sh" start
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -q "Connection refused"
  application away 'dump = "backup:/nothing.dump"'
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -q "fetch backup:/nothing.dump"
}

@test "a backup host that sends more than it listed is stopped" {
  local cache=$LAB_DIR/var/cache/berth
  # A file that grows.
  head -c 200000 /dev/zero >"$dumps/grows.dump"
  application grows 'dump = "backup:/grows.dump"'
  between_list_and_copy "truncate -s 300M grows.dump"
  in_lab chown postgres "$dumps/grows.dump"
  fetch_watched
  rm "$dumps/grows.dump"
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "the largest file that the host listed has 195 KiB, but it sent a larger one"
  result detail | grep -qF "/var/cache/berth/grows/grows.dump"
  [ "$LARGEST" -lt 1000000 ]
  [ -z "$(ls -A "$cache/grows")" ]
  # More files, none of them larger than the largest: 300 MiB in 15 s.
  rm -rf "$dumps/grows"
  cp -r "$dumps/people.directory" "$dumps/grows"
  truncate -s 5M "$dumps/grows/9000.dat"
  in_lab chown -R postgres "$dumps/grows"
  application grows 'dump = "backup:/grows"'
  between_list_and_copy 'for n in {9001..9060}; do
    truncate -s 5M "grows/$n.dat"; done' 20000
  fetch_watched
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qE "stopped: the host listed 5.0 MiB in [0-9]+ files and folders, but sent more: "
  echo "$LARGEST bytes"
  [ "$LARGEST" -lt 100000000 ]
  [ -z "$(ls -A "$cache/grows")" ]
  # So few that they may be there before somebody looks.
  rm "$dumps/grows/"90[0-9][1-9].dat "$dumps/grows/"90[1-6]0.dat
  between_list_and_copy 'truncate -s 5M grows/9001.dat'
  fetch_watched
  rm -rf "$dumps/grows"
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qE "but sent more: [0-9.]+ MiB in"
  [ -z "$(ls -A "$cache/grows")" ]
}

is_begun() { [ -n "$(in_lab find "$1" -type f)" ]; }

@test "a fetch stops where the disk has less than disk_floor left" {
  local cache=$LAB_DIR/var/cache/berth used
  truncate -s 20M "$dumps/slowly.dump"
  application slowly 'dump = "backup:/slowly.dump"'
  between_list_and_copy : 5000
  in_lab mount -t tmpfs -o "size=128M,mode=0700,uid=$(in_lab id -u berth),gid=$(in_lab id -g berth)" \
    tmpfs "$cache"
  refresh_begin
  # There was room for it when it began.
  wait_until 20 is_begun "$cache/slowly"
  in_lab fallocate -l 60M "$cache/others"
  wait "$WORKER" || true
  used=$(in_lab ls -A "$cache/slowly")
  in_lab umount "$cache"
  rm "$dumps/slowly.dump"
  result detail
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qE "stopped: [0-9.]+ MiB are free in .*/berth/slowly and 64 MiB must remain free .console's disk_floor."
  [ "$used" = "" ]
}

@test "what an administrator puts beside a dump's files is neither fetched nor read" {
  local cache=$LAB_DIR/var/cache/berth
  rm -rf "$dumps/notes"
  cp -r "$dumps/people.directory" "$dumps/notes"
  echo "every night" >"$dumps/notes/README"
  (
    cd "$dumps/notes"
    for file in *.dat*; do sha256sum "$file" >"$file.sha256"; done
    sha256sum -- * >"Prüfsummen.txt"
  )
  truncate -s 900T "$dumps/notes/former.tar" 2>/dev/null ||
    truncate -s 10T "$dumps/notes/former.tar"
  # As a file server and a mount point have them, and names like pg_dump's.
  mkdir -p "$dumps/notes/.snapshot/hourly.0"
  ln -s /etc/passwd "$dumps/notes/.snapshot/hourly.0/1.dat"
  cp "$dumps/notes/toc.dat" "$dumps/notes/.snapshot"
  mkdir -m 0 "$dumps/notes/lost+found"
  touch "$dumps/notes/"{5abc.dat,1.2.dat.gz,blob_1x.dat,blobs_1.bak.toc}
  application notes "dump = \"$dumps/notes\""
  refresh
  succeeded
  application notes 'dump = "backup:/notes"'
  in_lab -u berth mkdir -p "$cache/notes/notes"
  in_lab -u berth touch "$cache/notes/notes/README"
  refresh '{"again": true}'
  succeeded
  [ "$(ls -A "$cache/notes/notes")" = "$(ls -A "$dumps/people.directory")" ]
  ln -sfn notes "$dumps/latest"
  application notes 'dump = "backup:/latest"'
  refresh '{"again": true}'
  succeeded
  [ "$(ls -A "$cache/notes/latest")" = "$(ls -A "$dumps/people.directory")" ]
  rm "$dumps/latest"
  # A link is no file, whatever its name.
  ln -s /etc/passwd "$dumps/notes/NOTES"
  for dump in "$dumps/notes" backup:/notes; do
    application notes "dump = \"$dump\""
    refresh '{"again": true}'
    [ "$(outcome) $(result failed_step)" = "failed fetch" ]
    result detail | grep -qF "NOTES, which is not a regular file"
  done
  rm -rf "$dumps/notes"
}

@test "a backup host with another host key is told so, and not with ssh's box" {
  local hosts=$LAB_DIR/etc/berth/known_hosts other
  other=$(cut -d' ' -f1,2 "$LAB_DIR/guests/qa1/etc/ssh/ssh_host_ed25519_key.pub")
  application impostor 'dump = "backup:/people.dump"'
  in_lab cp "$hosts" "$hosts~"
  in_lab sed -i "s|^backup .*|backup $other|" "$hosts"
  refresh
  in_lab mv "$hosts~" "$hosts"
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qE \
    'fetch backup:/people.dump: Host key for .* has changed and you have'
}

@test "a folder and a tar are dumps too, and are used where they lie" {
  for kind in directory tar; do
    application "local-$kind" "dump = \"$dumps/people.$kind\""
    refresh
    succeeded
    [ -n "$(newest "local-$kind")" ]
    [ ! -e "$LAB_DIR/var/cache/berth/local-$kind" ]
  done
  application over-folder 'dump = "backup:/people.directory"'
  refresh
  succeeded
}

@test "a link to a dump is followed, here and over ssh" {
  ln -sfn people.directory "$dumps/latest"
  application by-link "dump = \"$dumps/latest\""
  refresh
  succeeded
  application by-far-link 'dump = "backup:/latest"'
  refresh
  succeeded
  [ ! -h "$LAB_DIR/var/cache/berth/by-far-link/latest" ]
  ln -sfn people.dump "$dumps/latest"
  # rrsync follows none to a file, and the error says what to do.
  application by-far-file 'dump = "backup:/latest"'
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -q "is a link to a file.*name the file"
}

@test "a dump that names a file outside of it is refused in fetch" {
  make_leak
  named_elsewhere ../../../var/lib/berth/home/.secret
  application outside "dump = \"$dumps/leak\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "its toc.dat names the file ../../../var/lib/berth/home/.secret"
  nothing_leaked
  make_leak
  named_elsewhere ../../../../lib/berth/home/.secret
  application outside 'dump = "backup:/leak"'
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "names the file ../../../../lib/berth/home/.secret"
  nothing_leaked
  make_leak
  printf '4711 ../../../var/lib/berth/home/.secret\n' >"$dumps/leak/blobs.toc"
  application outside "dump = \"$dumps/leak\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "its blobs.toc names the file"
  nothing_leaked
}

@test "a dump with a link in its folder is refused in fetch" {
  make_leak
  data=$(cd "$dumps/leak" && echo [0-9]*.dat.gz)
  ln -sf "$secret" "$dumps/leak/${data%.gz}"
  rm "$dumps/leak/$data"
  for dump in "$dumps/leak" backup:/leak; do
    application linked "dump = \"$dump\""
    refresh
    [ "$(outcome) $(result failed_step)" = "failed fetch" ]
    result detail | grep -qF "${data%.gz}, which is not a regular file"
    nothing_leaked
  done
  # A link that leads to one does not hide it.
  ln -sfn leak "$dumps/latest"
  application linked 'dump = "backup:/latest"'
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "${data%.gz}, which is not a regular file"
}

@test "a dump with a table that only pg_restore understands is refused in fetch" {
  make_leak
  object_elsewhere ../../../var/lib/berth/home/.secret
  # As berth, and not confined, it is the console's secret that is restored.
  in_lab -u berth pg_restore -f - "$dumps/leak" |
    grep -qF "$(printf key-of-the-console | od -An -tx1 | tr -d ' \n')"
  application missed "dump = \"$dumps/leak\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "contains blobs.toc.gz, which is not a file of a dump"
  nothing_leaked
  # Integers of 16 bytes, which pg_restore reads and Berth did not.
  make_leak
  printf '\020' | dd of="$dumps/leak/toc.dat" bs=1 seek=8 conv=notrunc status=none
  application missed "dump = \"$dumps/leak\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "its toc.dat has integers of 16 bytes"
  # A name that begins after more blanks than a line has.
  make_leak
  printf '4711 %5000s../secret\n' "" >"$dumps/leak/blobs.toc"
  application missed "dump = \"$dumps/leak\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "its blobs.toc has 4711"
}

@test "svn and git over ssh use the worker's connection, and read no key" {
  local home=$LAB_DIR/var/lib/berth/home backup=$LAB_DIR/backup kind
  # A key of its own on the backup host, for any command.
  ssh-keygen -q -t ed25519 -N '' -f "$home/.ssh/repository"
  cp "$backup/authorized_keys" "$BATS_TEST_TMPDIR/authorized_keys"
  cat "$home/.ssh/repository.pub" >>"$backup/authorized_keys"
  cat >"$home/.ssh/config" <<EOS
Host repository
  HostName $(sed -n '/^Host backup$/,/^$/s/^  HostName //p' "$etc/ssh_config")
  HostKeyAlias backup
  User postgres
  IdentityFile $home/.ssh/repository
  IdentitiesOnly yes
EOS
  cp "$etc/known_hosts" "$home/.ssh/known_hosts"
  in_lab chown -R berth:berth "$home/.ssh"
  in_lab install -d -o postgres -g postgres "$backup/repositories"
  in_lab setpriv --reuid=postgres --regid=postgres --init-groups sh -ec '
    cd "$1"
    export HOME=$1
    git init -q -b main work
    git -C work -c user.name=a -c user.email=a@b commit -q --allow-empty -m x
    svnadmin create svn
    svn mkdir -q --parents -m x "file://$1/svn/branches/one"
  ' - "$backup/repositories"
  local port
  port=$(sed -n '/^Host backup$/,/^$/s/^  Port //p' "$etc/ssh_config")
  install -d "$etc/conf.d"
  for kind in git svn; do
    {
      printf '[application.ssh%s]\nkind = "%s"\ncluster = "db1"\n' \
        "$kind" "$kind"
      printf 'owner = "shop"\nroot = "/srv/x"\ndatabase = "ssh%s_{server}"\n' \
        "$kind"
      if [ "$kind" = git ]; then
        printf 'repository = "ssh://repository:%s%s/repositories/work"\n' \
          "$port" "$backup"
      else
        printf 'repository = "svn+ssh://repository%s/repositories/svn"\n' \
          "$backup"
        printf 'paths = ["branches/*"]\n'
      fi
    } >"$etc/conf.d/ssh$kind.conf"
  done
  printf '  Port %s\n' "$port" >>"$home/.ssh/config"
  worker paths sshgit
  worker paths sshsvn
  tail -n +2 "$STATE_DIR/applications/sshgit.paths.json" |
    jq -e '[.paths[].path] == ["main"]'
  tail -n +2 "$STATE_DIR/applications/sshsvn.paths.json" |
    jq -e '[.paths[].path] == ["branches/one"]'
  # The key was read by the master alone.
  in_lab env HOME="$home" strace -u berth -f -qq -e trace=execve,openat \
    -o "$LAB_DIR/tmp/trace" "$LAB_DIR/usr/sbin/berth-worker" paths sshgit
  grep -E '/.ssh/repository"' "$LAB_DIR/tmp/trace" | grep -v ENOENT |
    cut -d' ' -f1 | sort -u | wc -l | grep -qx 1
  cp "$BATS_TEST_TMPDIR/authorized_keys" "$backup/authorized_keys"
  rm "$home/.ssh/"{config,known_hosts,repository,repository.pub}
}

@test "a dump that is written to while it is read is not published" {
  application moving "dump = \"$dumps/moving.dump\""
  cp -p "$dumps/slow.dump" "$dumps/moving.dump"
  refresh_begin
  until_step restore
  touch "$dumps/moving.dump"
  wait "$WORKER"
  [ "$(outcome) $(result failed_step)" = "failed restore" ]
  result detail | grep -q "it changed while it was read"
  nothing_left moving
}

@test "plain SQL is refused with what to do, packed or not" {
  application plain "dump = \"$dumps/people.sql\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "is plain SQL; write it with pg_dump -Fc or -Fd"
  gzip -k "$dumps/people.sql"
  application plain "dump = \"$dumps/people.sql.gz\""
  refresh
  result detail | grep -qF "is compressed with gzip; write it with pg_dump -Fc"
}

@test "a dump cut off or damaged fails, and the old generation serves on" {
  application damaged "dump = \"$dumps/people.dump\""
  refresh
  old=$(newest damaged)
  size=$(stat -c %s "$dumps/later.dump")
  for cut in 20 600 $((size - 40)); do
    head -c "$cut" "$dumps/later.dump" >"$dumps/cut.dump"
    application damaged "dump = \"$dumps/cut.dump\""
    refresh
    [ "$(outcome)" = failed ] || { echo "cut at $cut"; false; }
    [ "$(newest damaged)" = "$old" ]
    nothing_left damaged
  done
  result detail | grep -q "the dump is truncated or damaged"
  # Bytes in the middle of the rows.
  cp "$dumps/later.dump" "$dumps/hit.dump"
  printf 'XXXXXXXX' | dd of="$dumps/hit.dump" bs=1 conv=notrunc status=none \
    seek=$((size - 120))
  application damaged "dump = \"$dumps/hit.dump\""
  refresh
  [ "$(outcome)" = failed ]
  [ "$(newest damaged)" = "$old" ]
  nothing_left damaged
}

@test "no value of a row gets out of the private log" {
  # A foreign key that the rows do not keep: PostgreSQL quotes the row.
  application secrets "dump = \"$dumps/orphan.dump\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed restore" ]
  result detail | grep -qF "FK CONSTRAINT public letter letter_mail_fkey"
  no_row_outside
  grep -q "eve@private.example" "$LOG_DIR/$N.private.log"
  [ "$(stat -c '%a %U' "$LOG_DIR/$N.private.log")" = "600 UNKNOWN" ] ||
    [ "$(stat -c '%a %u' "$LOG_DIR/$N.private.log")" = \
      "600 $(in_lab id -u berth)" ]
  nothing_left secrets

  application secrets "dump = \"$dumps/people.dump\""
  script 10-merge.sql "UPDATE person SET mail = 'ann@private.example';"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  result detail | grep -qF "10-merge.sql:1: SQLSTATE 23505 (unique_violation)"
  no_row_outside
  grep -q "ann@private.example" "$LOG_DIR/$N.private.log"

  script 10-merge.sql "DO \$\$ BEGIN RAISE NOTICE '%', (SELECT min(mail) FROM person); END \$\$;"
  script 20-none.assert.sql "SELECT mail FROM person WHERE mail LIKE '%private%';"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed assert" ]
  result detail | grep -qF "statement 1 returned 2 rows, but must return none"
  no_row_outside
  nothing_left secrets
}

@test "scripts run in order, know their variables, and assertions pass" {
  application scrubbed 'dump = "backup:/people.dump"' '[application.scrubbed.set]' \
    'DOMAIN = "example.invalid"'
  script 20-mail.sql "UPDATE person SET mail = 'user' || id || '@' ||
    current_setting('berth.set_domain');"
  script 10-note.sql "CREATE TABLE seen AS SELECT count(*) AS n FROM person
    WHERE mail LIKE '%private%';
    INSERT INTO seen SELECT current_setting('berth.job')::int;"
  script 90-clean.assert.sql "SELECT 1 FROM person WHERE mail LIKE '%private%';"
  refresh
  succeeded
  grep -q 'scrub/scrubbed/20-mail.sql:1 UPDATE 2 ([0-9]* ms)' "$LOG_DIR/$N.log"
  copy_of "$(newest scrubbed)" peek
  [ "$(sql_in peek "SELECT string_agg(mail, ' ' ORDER BY 1) FROM person")" = \
    "user1@example.invalid user2@example.invalid" ]
  [ "$(sql_in peek "SELECT string_agg(n::text, ' ' ORDER BY n) FROM seen")" = \
    "2 $N" ]
}

@test "a script's folder that is not as it must be fails before a byte moves" {
  application folder 'dump = "backup:/people.dump"'
  script 10-a.sql "SELECT 1;"
  chmod 0666 "$etc/scrub/folder/10-a.sql"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -q "it is writable for group or others"
  [ ! -e "$LAB_DIR/var/cache/berth/folder" ]
}

# It was "UPDATE 0", a green assertion, and 500 real addresses on a server.
@test "a policy hides no row: the refresh says of which table, and what to do" {
  application tenants "dump = \"$dumps/people.dump\""
  refresh
  old=$(newest tenants)
  application tenants "dump = \"$dumps/tenants.dump\"" 'size_most = 1000'
  script 10-mail.sql "UPDATE person SET mail = id || '@example.invalid';"
  script 90-clean.assert.sql "SELECT 1 FROM person WHERE mail LIKE '%private%';"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  result detail | grep -qF "10-mail.sql:1: a policy of public.person would hide rows from shop; write ALTER TABLE public.person NO FORCE ROW LEVEL SECURITY in an earlier script, or give shop_restore BYPASSRLS and begin this script with RESET ROLE"
  [ "$(newest tenants)" = "$old" ]
  nothing_left tenants
  # An assertion alone does not see nothing either, and no VACUUM comes first.
  rm "$etc/scrub/tenants/10-mail.sql"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  result detail | grep -qF "scrub database berth_"
  result detail | grep -qF "a policy of public.person would hide rows from shop"
  nothing_left tenants
  # Nor does a script that turns row_security on within one statement, or hides
  # the rows again when it is done.
  script 10-mail.sql "DO \$\$ BEGIN SET LOCAL row_security = on;
    UPDATE person SET mail = id || '@example.invalid'; END \$\$;"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  result detail | grep -qF "10-mail.sql:1: a policy of public.person"
  nothing_left tenants
  script 10-mail.sql "ALTER TABLE person NO FORCE ROW LEVEL SECURITY;
    UPDATE person SET mail = id || '@example.invalid';
    ALTER TABLE person FORCE ROW LEVEL SECURITY;"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  result detail | grep -qF "a policy of public.person would hide rows from shop"
  nothing_left tenants

  script 00-see-all.sql "ALTER TABLE person NO FORCE ROW LEVEL SECURITY;"
  script 10-mail.sql "UPDATE person SET mail = id || '@example.invalid';"
  refresh
  succeeded
  copy_of "$(newest tenants)" peek
  [ "$(sql_in peek "SELECT count(*), count(*) FILTER (WHERE mail LIKE
    '%private%') FROM person")" = "500|0" ]
}

# The last VACUUM analyses an index on an expression: its function wrote what
# the scrub had removed, and the assertions had been.
@test "what code of a dump writes in the last VACUUM does not pass an assertion" {
  application late "dump = \"$dumps/late.dump\""
  script 10-mail.sql "UPDATE person SET mail = id || '@example.invalid';"
  script 90-clean.assert.sql "SELECT 1 FROM person WHERE mail LIKE '%private%';"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed assert" ]
  result detail | grep -qF "90-clean.assert.sql:1: statement 1 returned 1 row, but must return none"
  [ "$(newest late)" = "" ]
  nothing_left late
  # As for somebody who knows of it.
  script 05-late.sql "DROP INDEX trap_late;"
  refresh
  succeeded
}

# Its rows came, and its locks stood, in a generation long published.
@test "a dump or a script that prepares a transaction is refused by its name" {
  application prepared "dump = \"$dumps/prepared.directory\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed restore" ]
  result detail | grep -qF "SQL of the dump or of a script has left there"
  result detail | grep -qF "transaction 'of the dump' of shop has been in the prepared state since"
  [ "$(sql "SELECT count(*) FROM pg_prepared_xacts")" = 0 ]
  nothing_left prepared
  application prepared "dump = \"$dumps/people.dump\""
  script 10-later.sql "BEGIN; DELETE FROM person;
    PREPARE TRANSACTION 'of a script';"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  result detail | grep -qF "transaction 'of a script' of shop"
  [ "$(sql "SELECT count(*) FROM pg_prepared_xacts")" = 0 ]
  nothing_left prepared
}

@test "a dump that drops a server's database fails, and says which" {
  local history=$LAB_DIR/var/lib/berth/history oid
  sql "CREATE DATABASE shop_qa7 OWNER shop"
  oid=$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa7'")
  in_lab -u berth mkdir -p "$history"
  jq -cn --argjson oid "$oid" '{version: 1, server: "qa7"}, {seq: 1,
    at: "2026-11-22T20:00:00Z", event: "built", user: "alice", detail: "",
    cause: {job: 1}, hold: null, configuration: {application: "dropping",
      path: "trunk", revision: "1", kind: "svn", slot: "a", database: {
        cluster: "db1", name: "shop_qa7", oid: $oid,
        generation: "20261122030000", data_at: null},
      templates: "", user: "alice", note: "", job: 1,
      built_at: "2026-11-22T20:00:00Z", verified: true, url: ""},
    job: null}' | in_lab -u berth tee "$history/qa7.jsonl" >/dev/null
  application dropping "dump = \"$dumps/dropping.directory\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed restore" ]
  result detail | grep -qF "restore live databases: shop_qa7 (OID $oid) of qa7 was dropped or renamed since the restore began"
  grep -qF "shop_qa7 (OID $oid) of qa7 was dropped" "$LOG_DIR/$N.log"
  nothing_left dropping
  [ "$(newest dropping)" = "" ]
  rm "$history/qa7.jsonl"
}

# A view that was filled by the restore kept what the scrub removed.
@test "views are filled after the scrub, and no statistics know more" {
  application derived "dump = \"$dumps/derived.dump\""
  # Rails has such an index. This sample is replaced.
  script 05-rails.sql "CREATE UNIQUE INDEX mail_once ON person (lower(mail))
      WHERE id IS NOT NULL; ANALYZE person;"
  script 10-mail.sql "UPDATE person SET mail = id || '@example.invalid';
    CREATE TABLE seen AS SELECT relispopulated AS filled FROM pg_class
      WHERE relname = 'zz';
    CREATE TABLE quiet AS SELECT count(*) AS n FROM pg_class
      WHERE 'autovacuum_enabled=false' = ANY (reloptions);
    CREATE TABLE mails AS SELECT mail FROM visit; TRUNCATE visit;
    DROP TABLE mails;"
  script 90-clean.assert.sql "SELECT 1 FROM aa WHERE mail LIKE '%private%';
    SELECT 1 WHERE (SELECT count(*) FROM aa) <> 2;"
  refresh
  succeeded
  grep -qF "scrub done: 2 scripts, 2 materialized views" "$LOG_DIR/$N.log"
  grep -qF "the base has 1 large objects" "$LOG_DIR/$N.log"
  copy_of "$(newest derived)" peek
  [ "$(sql_in peek "SELECT filled, n FROM seen, quiet")" = "f|5" ]
  [ "$(sql_in peek "SELECT string_agg(mail, ' ' ORDER BY mail) FROM aa")" = \
    "1@example.invalid 2@example.invalid" ]
  [ "$(sql_in peek "SELECT string_agg(relname || relispopulated, ' '
    ORDER BY relname) FROM pg_class WHERE relkind = 'm'")" = \
    "aatrue emptyfalse zztrue" ]
  [ "$(sql_in peek "SELECT count(*) FROM pg_statistic s
    WHERE s::text LIKE '%private%'")" = 0 ]
  [ "$(sql_in peek "SELECT histogram_bounds FROM pg_stats
    WHERE tablename = 'mail_once'")" = "{1@example.invalid,2@example.invalid}" ]
  [ "$(sql_in peek "SELECT count(*) FROM pg_class
    WHERE reloptions::text LIKE '%autovacuum%'")" = 0 ]
  # A script's own ANALYZE takes a sample that TRUNCATE leaves.
  script 06-early.sql "ANALYZE visit;"
  refresh '{"again": true}'
  [ "$(outcome) $(result failed_step)" = "failed vacuum" ]
  result detail | grep -qF "vacuum public.visit: the planner's statistics keep values from before the scrub"
  nothing_left derived
}

@test "a view that cannot be filled fails the refresh by its name" {
  application derived-2 "dump = \"$dumps/derived.dump\""
  script 10-mail.sql "DROP VIEW middle CASCADE;
    CREATE MATERIALIZED VIEW worse AS SELECT mail::int FROM person
      WITH NO DATA;
    CREATE MATERIALIZED VIEW \"a b\" AS SELECT mail FROM person;
    ALTER TABLE person RENAME mail TO letter;
    DROP MATERIALIZED VIEW zz;
    CREATE MATERIALIZED VIEW zz AS SELECT letter::int FROM person
      WITH NO DATA;"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  result detail | grep -qF "fill materialized view public.zz: SQLSTATE 22P02"
  no_row_outside
  nothing_left derived-2
}

# PostGIS has one, with rows; this one stands in for it.
@test "a trusted extension may have tables, which belong to a superuser" {
  local folder
  folder=$(pg_config --sharedir)/extension
  cp -r "$folder" "$LAB_DIR/tmp/extension"
  printf "default_version = '1'\ntrusted = true\n" \
    >"$LAB_DIR/tmp/extension/reference.control"
  echo "CREATE TABLE reference (id int PRIMARY KEY);
    INSERT INTO reference VALUES (1); GRANT SELECT ON reference TO PUBLIC;" \
    >"$LAB_DIR/tmp/extension/reference--1.sql"
  chmod -R a+rX "$LAB_DIR/tmp/extension"
  in_lab mount --bind "$LAB_DIR/tmp/extension" "$folder"
  made extended "CREATE EXTENSION reference;
    CREATE TABLE place (id int); INSERT INTO place VALUES (1)"
  dump extended c extended.dump
  dropdb -h "$PGHOST" -p "$PGPORT" -U postgres extended
  application extended "dump = \"$dumps/extended.dump\""
  refresh
  in_lab umount "$folder"
  succeeded
  # ANALYZE by the database's owner did not pass it over.
  copy_of "$(newest extended)" peek
  [ "$(sql_in peek "SELECT reltuples FROM pg_class
    WHERE relname = 'reference'")" = 1 ]
}

@test "an application that must have assertions is not refreshed without" {
  application proved "dump = \"$dumps/people.dump\"" \
    'require_assertions = true'
  script 10-mail.sql "UPDATE person SET mail = id::text;"
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "require_assertions is set, but scrub/proved has no NN-name.assert.sql"
  script 90-clean.assert.sql "SELECT 1 FROM person WHERE mail LIKE '%@%';"
  refresh
  succeeded
}

@test "a size that cannot be right fails the refresh" {
  application grown "dump = \"$dumps/people.dump\"" 'size_most = 110'
  refresh
  old=$(newest grown)
  application grown "dump = \"$dumps/big.dump\"" 'size_most = 110'
  refresh
  [ "$(outcome) $(result failed_step)" = "failed assert" ]
  result detail | grep -q "allowed are 50 to 110 %"
  result detail | grep -q "; generation ${old##*_} remains in use$"
  [ "$(newest grown)" = "$old" ]
  nothing_left grown
}

@test "too little disk: refused before anything is made" {
  application roomy "dump = \"$dumps/people.dump\""
  refresh
  old=$(newest roomy)
  in_lab sed -i 's/^disk_floor = "256M"/disk_floor = "900T"/' "$etc/berth.conf"
  refresh '{"again": true}'
  in_lab sed -i 's/^disk_floor = "900T"/disk_floor = "256M"/' "$etc/berth.conf"
  [ "$(outcome) $(result failed_step)" = "failed restore" ]
  result detail | grep -qE "a new generation needs about .* are free and .* must remain free \(disk_floor\); generation ${old##*_} remains in use$"
  [ "$(newest roomy)" = "$old" ]
  nothing_left roomy
}

@test "the rows of skipped tables stay out, their tables do not" {
  application lean "dump = \"$dumps/big.dump\"" \
    'skip_data = ["public.log*"]'
  refresh
  succeeded
  copy_of "$(newest lean)" peek
  [ "$(sql_in peek "SELECT (SELECT count(*) FROM person),
    (SELECT count(*) FROM log_line)")" = "2|0" ]
}

# It was a line in the log, and the rows on every server.
@test "a name in skip_data that meets nothing fails before anything is made" {
  application typo "dump = \"$dumps/big.dump\"" \
    'skip_data = ["public.log*", "audit.*", "log_line"]'
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF "skip_data audit.*, log_line: matches no table of the dump; a name is SCHEMA.TABLE"
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname ~ '_b_typo_'")" = 0 ]
}

@test "partitions follow their table, and a name may hold blanks" {
  application odd "dump = \"$dumps/odd.dump\"" \
    'skip_data = ["public.event", "public.log", "public.order items"]'
  refresh
  succeeded
  copy_of "$(newest odd)" peek
  [ "$(sql_in peek 'SELECT (SELECT count(*) FROM event),
    (SELECT count(*) FROM "order"), (SELECT count(*) FROM "order items"),
    (SELECT count(*) FROM person)')" = "0|1|0|2" ]
  [ "$(sql_in peek "SELECT count(*) FROM pg_partition_tree('event')")" = 4 ]
  # Nor rows of what inherits from a table.
  [ "$(sql_in peek "SELECT count(*) FROM log")" = 0 ]
  application odd "dump = \"$dumps/odd.dump\"" \
    'skip_data = ["public.old events", "public.order"]'
  refresh '{"again": true}'
  succeeded
  copy_of "$(newest odd)" peek
  [ "$(sql_in peek 'SELECT (SELECT string_agg(at::text, $$ $$) FROM event),
    (SELECT count(*) FROM "order"), (SELECT count(*) FROM "order items")')" = \
    "99|0|1" ]
}

@test "what a former system had and a test must not have stays away" {
  application former "dump = \"$dumps/former.dump\""
  refresh
  succeeded
  copy_of "$(newest former)" peek
  [ "$(sql_in peek "SELECT (SELECT count(*) FROM pg_publication),
    (SELECT count(*) FROM person)")" = "0|2" ]
}

@test "a dump that takes back its role becomes no more than restore_user" {
  # pg_restore empties a table before it fills it, beside its other jobs.
  application hostile "dump = \"$dumps/hostile.dump\"" \
    'skip_data = ["public.became"]'
  refresh
  succeeded
  copy_of "$(newest hostile)" peek
  [ "$(sql_in peek "SELECT DISTINCT who FROM became")" = shop_restore ]
  # As docs/data.md says of one without.
  sed -i '/restore_user/d' "$etc/conf.d/hostile.conf"
  refresh '{"again": true}'
  succeeded
  copy_of "$(newest hostile)" peek
  [ "$(sql_in peek "SELECT DISTINCT who FROM became")" = berth ]
}

@test "an owner whose dump could reach other databases is not refreshed" {
  application powerful "dump = \"$dumps/people.dump\""
  sql "CREATE ROLE between; GRANT pg_execute_server_program TO between;
    GRANT between TO shop"
  refresh
  sql "DROP ROLE between"
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF 'refresh role shop: SQL of a dump runs as the owner, and shop is a member of pg_execute_server_program, which gives it access beyond its own databases; run as a superuser: REVOKE "between" FROM "shop"'
  [ "$(newest powerful)" = "" ]
  # It could drop another application's database.
  sql "CREATE ROLE between; GRANT between TO shop"
  sql "CREATE DATABASE elsewhere OWNER between"
  refresh
  sql "DROP DATABASE elsewhere"
  sql "DROP ROLE between"
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF 'shop is a member of between, which owns database elsewhere, which gives it access beyond its own databases; run as a superuser: REVOKE "between" FROM "shop"'
  # Of who restores, BYPASSRLS is for scripts (docs/data.md).
  sql "ALTER ROLE shop_restore BYPASSRLS"
  refresh
  succeeded
  sql "ALTER ROLE shop_restore NOBYPASSRLS CREATEROLE"
  refresh '{"again": true}'
  sql "ALTER ROLE shop_restore NOCREATEROLE"
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF 'refresh role shop_restore: SQL of a dump runs as restore_user, and shop_restore has CREATEROLE'
}

# A value can be one of a row.
shows_no_value() {
  ! result detail | grep -qF private.example
  no_row_outside
}

@test "a dump that changes roles is not published, and the undo is shown" {
  undo='to undo it, run as a superuser: ALTER ROLE "shop_restore" RESET "application_name"'
  application changing "dump = \"$dumps/roles.dump\""
  refresh
  [ "$(outcome) $(result failed_step)" = "failed restore" ]
  result detail | grep -qF "role shop_restore has application_name set now; $undo"
  grep -qF 'role shop_restore has application_name set' "$LOG_DIR/$N.log"
  grep -qF 'role shop has application_name set now, by SQL of the dump or by somebody with its password' "$LOG_DIR/$N.log"
  shows_no_value
  nothing_left changing
  # The second time that is no state to begin with.
  refresh
  [ "$(outcome) $(result failed_step)" = "failed fetch" ]
  result detail | grep -qF 'role shop_restore: a restore_user must have no setting of its own'
  result detail | grep -qF "it has application_name set; $undo"
  shows_no_value
  nothing_left changing
  # What it left is none either with another restore_user, also for a dump that
  # does nothing, and for another application with one of the roles.
  for name in changing neighbour; do
    application $name "dump = \"$dumps/people.dump\""
    sed -i '/restore_user/d' "$etc/conf.d/$name.conf"
    refresh
    [ "$(outcome) $(result failed_step)" = "failed fetch" ]
    result detail | grep -qF "role shop_restore has application_name set now; $undo"
    shows_no_value
    [ "$(newest $name)" = "" ]
  done
  result detail | grep -qF 'refresh roles of neighbour: a refresh of changing, which may be running, uses one of them too'
  sql 'ALTER ROLE "shop_restore" RESET "application_name"'
  for name in neighbour changing; do
    application $name "dump = \"$dumps/people.dump\""
    refresh
    succeeded
  done
  sql 'ALTER ROLE shop RESET ALL'
  [ "$(sql "SELECT count(*) FROM pg_db_role_setting s JOIN pg_roles r
    ON r.oid = setrole WHERE rolname ~ '^shop'")" = 0 ]
}

# Its password is on every guest: a setting in the middle of it failed a refresh
# and all later ones.
@test "a setting of the owner is a line in the log, and refreshes go on" {
  application settled "dump = \"$dumps/own.dump\""
  for value in 1 2; do
    refresh '{"again": true}'
    succeeded
    shows_no_value
    sql "ALTER ROLE shop SET application_name = '$value@private.example'"
  done
  grep -qF 'role shop has application_name set to another value now, by SQL of the dump or by somebody with its password; to undo it, run: ALTER ROLE "shop" RESET "application_name", and set it to its former value' "$LOG_DIR/$N.log"
  grep -qF "SET \"application_name\" TO '1@private.example'" "$LOG_DIR/$N.private.log"
  [ ! -e "$LAB_DIR/var/cache/berth/settled.roles.json" ]
  sql 'ALTER ROLE shop RESET ALL'
}

# restore_is_seen_of PID: its pg_restore, while it runs.
restore_is_seen_of() {
  local child
  child=$(pgrep -P "$1" -x pg_restore | head -n 1) || return 1
  tr '\0' '\n' <"/proc/$child/cmdline" >"$BATS_TEST_TMPDIR/line" &&
    cat "/proc/$child/limits" >"$BATS_TEST_TMPDIR/limits" &&
    grep -qxF -- --dbname=service=berth "$BATS_TEST_TMPDIR/line"
}

@test "the worker's memory and environment are nobody else's of its account" {
  slow_application private-memory
  refresh_begin
  until_step restore
  pid=$(grep -lzxF "$F" /proc/[0-9]*/cmdline |
    while IFS=/ read -r _ _ pid _; do
      [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != berth-worker ] || echo "$pid"
    done | head -n 1)
  [ "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")" = "$(in_lab id -u berth)" ]
  for file in environ maps mem fd; do
    [ "$(stat -c %U "/proc/$pid/$file")" = root ]
  done
  run ! in_lab -u berth cat "/proc/$pid/environ"
  # Of the program that it starts everybody may read the command line.
  wait_until 10 restore_is_seen_of "$pid"
  ! grep -qiE "password|host=|user=" "$BATS_TEST_TMPDIR/line"
  grep -qE '^Max core file size +0 +0 ' "$BATS_TEST_TMPDIR/limits"
  wait "$WORKER"
  succeeded
}

@test "nobody gets in before it is scrubbed, nor does the owner" {
  application shut "dump = \"$dumps/people.dump\""
  script 10-slow.sql "SELECT pg_sleep(2);"
  refresh_begin
  until_step scrub
  base=$(sql "SELECT datname FROM pg_database WHERE datname ~ '_b_shut_'")
  run env PGPASSWORD="$SHOP_DATABASE_PASSWORD" psql -XAtq -h 127.0.0.1 \
    -p "$PGPORT" -U shop -d "$base" -c "SELECT mail FROM person"
  [ "$status" = 2 ]
  [[ "$output" == *"permission denied for database"* ]]
  wait "$WORKER"
  succeeded
}

# Any role may lock any database, and nobody can connect to it then. What is
# ended begins again.
stranger() {
  PGPASSWORD=stranger psql -XAtqh 127.0.0.1 -p "$PGPORT" -U stranger \
    -d template1
}
lock_what_is_loaded() {
  for _ in {1..400}; do
    base=$(sql "SELECT datname FROM pg_database WHERE datname ~ '_b_locked_'")
    [ -z "$base" ] || break
    sleep 0.05
  done
  for _ in {1..2000}; do
    [ ! -e "$LAB_DIR/tmp/done" ] || return 0
    stranger <<<"DROP DATABASE \"$base\";"
  done &
  for _ in {1..2000}; do
    [ ! -e "$LAB_DIR/tmp/done" ] || return 0
    stranger <<<"BEGIN; ALTER ROLE stranger IN DATABASE \"$base\"
      SET work_mem = '5MB'; SELECT pg_sleep(60);"
  done
}

@test "locks on the database that is loaded do not keep pg_restore out" {
  application locked "dump = \"$dumps/people.dump\""
  sql "CREATE ROLE stranger LOGIN PASSWORD 'stranger'"
  rm -f "$LAB_DIR/tmp/done"
  lock_what_is_loaded >"$LAB_DIR/tmp/stranger" 2>&1 3>&- &
  refresh
  touch "$LAB_DIR/tmp/done"
  sql "ALTER ROLE stranger NOLOGIN"
  sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = 'stranger'"
  wait $! || :
  succeeded
  grep -q "due to administrator command" "$LAB_DIR/tmp/stranger"
  sql "DROP ROLE stranger"
}

@test "cancel in each step: the old generation serves and nothing is left" {
  slow_application cancelled
  refresh
  old=$(newest cancelled)
  end_all
  for step in fetch restore scrub vacuum assert publish; do
    put_job refresh "" cancelled '{"again": true}'
    drive "$step" cancel "$(delay_in "$step")"
    echo "$step: $(outcome) $(result detail)"
    if [ "$(outcome)" = succeeded ]; then
      [ "$step" = publish ]  # past the commit point by then
      old=$(newest cancelled)
    else
      [ "$(outcome)" = cancelled ]
    fi
    [ "$(newest cancelled)" = "$old" ]
    nothing_left cancelled
    end_all
  done
}

@test "kill -9 in each step, then one more worker, then at most one tidy" {
  slow_application killed
  refresh
  old=$(newest killed)
  end_all
  for step in fetch restore scrub vacuum assert publish; do
    put_job refresh "" killed '{"again": true}'
    run drive "$step" kill "$(delay_in "$step")"
    [ "$status" = 137 ]
    [ "$(newest killed)" = "$old" ] || [ "$step" = publish ]
    work
    echo "$step: $(outcome) $(result detail)"
    if [ "$(outcome)" = succeeded ]; then
      [ "$step" = publish ]
      old=$(newest killed)
    else
      [ "$(outcome) $(result committed)" = "requeue false" ]
    fi
    [ "$(newest killed)" = "$old" ]
    end_all
    nothing_left killed || worker tidy db1
    nothing_left killed
  done
}

@test "a worker that died three times in a refresh is not tried again" {
  slow_application tried
  put_job refresh "" tried '{"again": false}' '{"attempt": 3}'
  run drive scrub kill 100
  work
  [ "$(outcome) $(result failed_step)" = "failed scrub" ]
  nothing_left tried
}
