#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# make install, staged by an unprivileged user; and what is installed, read by
# the programs it is for: systemd, apache2, man and Berth itself.
bats_require_minimum_version 1.5.0

top=$(cd "$(dirname "$BATS_TEST_FILENAME")/../.." && pwd)

# make as nobody, in a mount of its own: the clone may be in a folder that only
# root may enter. Made under umask 077, its files are only root's as well: then
# nobody has root's right to read, and no other.
make_as_nobody() {
  if [ "$(id -u)" != 0 ]; then
    make -s -C "$top" "$@"
    return
  fi
  local may=-all
  [ "$(stat -c %A "$top/make/install.mk")" = -rw-r--r-- ] ||
    may=-all,+dac_read_search
  mkdir -p "$stage/tree"
  # shellcheck disable=SC2016
  unshare -m sh -c '
    mount --bind "$1" "$2" && cd "$2" && may=$3 && shift 3 &&
    exec setpriv --reuid=65534 --regid=65534 --clear-groups \
      --inh-caps="$may" --ambient-caps="$may" make -s "$@"' \
    sh "$top" "$stage/tree" "$may" "$@"
}

setup_file() {
  stage=$(mktemp -d "${TMPDIR:-/tmp}/berth-install.XXXXXX")
  export stage
  chmod 0777 "$stage"
  make -s -C "$top" -j2 all
  (umask 077 && make_as_nobody install "DESTDIR=$stage/a" >"$stage/said")
}
teardown_file() { rm -rf "$stage"; }

# The folders of config.mk, as make understands them.
# shellcheck disable=SC2016
folder() {
  (cd "$top" && printf 'include config.mk\np:\n\t@echo $(%s)\n' "$1" |
    make -s -f - p)
}

@test "docs/install.md has the steps that make install prints" {
  local prefix sysconfdir
  prefix=$(folder prefix) sysconfdir=$(folder sysconfdir)
  run diff <(sed -n '/run by tests\/install/,/commands: example/s/^    //p' \
    "$top/docs/install.md") \
    <(sed -n 's/^  //p' "$stage/said" |
      sed "s|$prefix/|/usr/local/|g; s|$sysconfdir/|/etc/|g")
  [ -z "$output" ] || { echo "$output"; false; }
}

@test "installs every program, the page, templates, guest part and manuals" {
  cd "$stage/a"
  for program in "$(folder bindir)/berth" "$(folder sbindir)/berthd" \
    "$(folder sbindir)/berthctl" "$(folder libexecdir)/berth/berth.fcgi" \
    "$(folder libexecdir)/berth/berth-worker" \
    "$(folder libexecdir)/berth/berth-hypervisor" \
    "$(folder libexecdir)/berth/berth-watch" \
    "$(folder datadir)/berth/guest/berth-guest"; do
    [ "$(stat -c %a ".$program")" = 755 ] || { echo "$program"; false; }
  done
  for file in "$(folder datadir)/berth/htdocs/index.html" \
    "$(folder datadir)/berth/guest/guest.conf.example" \
    "$(folder datadir)/berth/guest/berth-guest.d/switch.bash" \
    "$(folder mandir)/man8/berthctl.8" "$(folder mandir)/man1/berth.1" \
    "$(folder mandir)/man5/berth.conf.5" \
    "$(folder docdir)/berth.conf.example" "$(folder docdir)/LICENSE" \
    "$(folder docdir)/README" "$(folder docdir)/docs/install.md" \
    "$(folder docdir)/docs/screenshot.png" \
    "$(folder sysconfdir)/berth/berth.conf" \
    "$(folder sysconfdir)/berth/apache/berth.conf" \
    "$(folder sysconfdir)/berth/apache/berth-proxy.conf" \
    "$(folder sysconfdir)/berth/apache/berth-common.conf" \
    "$(folder sysconfdir)/apache2/sites-available/berth.conf" \
    "$(folder unitdir)/berthd.service" \
    "$(folder unitdir)/berth-web.service" \
    "$(folder unitdir)/berth-web.socket" \
    "$(folder unitdir)/berth-refresh@.service" \
    "$(folder unitdir)/berth-refresh@.timer" \
    "$(folder prefix)/lib/sysusers.d/berth.conf" \
    "$(folder prefix)/lib/tmpfiles.d/berth.conf"; do
    [ "$(stat -c %a ".$file")" = 644 ] || { echo "$file"; false; }
  done
  (cd "$top/htdocs" && find . -type f ! -name '.*' | sort) >"$stage/wanted"
  (cd ".$(folder datadir)/berth/htdocs" && find . -type f | sort) \
    >"$stage/got"
  diff "$stage/wanted" "$stage/got"
}

@test "whatever the umask, everybody can read what is installed" {
  [ -z "$(find "$stage/a" -mindepth 1 -type d ! -perm 0755)" ]
  [ -z "$(find "$stage/a" -type f ! -perm -0444)" ]
}

@test "no @name@ is left unfilled and no path of the build tree is in it" {
  run ! grep -rIE '@(prefix|[a-z_]+dir|(web|apache)_user|web_group|version)@' "$stage/a"
  run ! grep -rlF "$top" "$stage/a"
}

@test "makes no spool, no user and no link, and names the commands that do" {
  [ ! -e "$stage/a$(folder localstatedir)" ]
  [ ! -e "$stage/a$(folder runstatedir)" ]
  [ -z "$(find "$stage/a" -type l)" ]
  [ ! -e "$stage/a$(folder sysconfdir)/apache2/sites-enabled" ]
  # Nothing that a2enconf could mount in every site.
  [ ! -e "$stage/a$(folder sysconfdir)/apache2/conf-available" ]
  for word in systemd-sysusers systemd-tmpfiles berthctl systemctl a2ensite; do
    grep -q "$word" "$stage/said"
  done
}

@test "install-strip leaves the symbols out, and nothing else" {
  make -s -C "$top" install-strip "DESTDIR=$stage/strip" >/dev/null
  diff <(cd "$stage/a" && find . -type f | sort) \
    <(cd "$stage/strip" && find . -type f | sort)
  local program=$stage/strip$(folder sbindir)/berthd
  ! readelf -S "$program" | grep -E '\.(symtab|debug)'
  "$program" --version
}

@test "a second install keeps an edited configuration and says so" {
  conf=$stage/a$(folder sysconfdir)
  echo '# ours' >>"$conf/berth/berth.conf"
  echo '# ours too' >>"$conf/apache2/sites-available/berth.conf"
  echo '# ours three' >>"$conf/berth/apache/berth.conf"
  cp -a "$conf" "$stage/before"
  run -0 make_as_nobody install "DESTDIR=$stage/a"
  [[ "$output" == *"kept "*"/berth/berth.conf"* ]]
  [[ "$output" == *"kept "*"/sites-available/berth.conf"* ]]
  [[ "$output" == *"kept "*"/berth/apache/berth.conf"* ]]
  diff -r "$stage/before" "$conf"
  run ! grep -q '# ours' "$stage/a$(folder docdir)/berth.conf.example"
}

@test "every folder may be another one" {
  run -0 make_as_nobody install "DESTDIR=$stage/b dir" prefix=/opt/berth \
    exec_prefix=/opt/berth sysconfdir=/opt/etc localstatedir=/opt/var \
    libexecdir=/opt/lib unitdir=/opt/units
  cd "$stage/b dir"
  [ -z "$(find . -type f ! -path './opt/*')" ]
  [ -x opt/berth/bin/berth ]
  [ -x opt/berth/sbin/berthd ]
  [ -x opt/lib/berth/berth-watch ]
  [ -f opt/etc/berth/berth.conf ]
  [ -f opt/etc/berth/apache/berth.conf ]
  [ -f opt/etc/apache2/sites-available/berth.conf ]
  [ -f opt/units/berthd.service ]
}

@test "uninstall leaves configuration, spool, history and logs" {
  make_as_nobody install "DESTDIR=$stage/c" >/dev/null
  var=$stage/c$(folder localstatedir)
  mkdir -p "$var/spool/berth/queue" "$var/lib/berth/history"
  echo '{}' >"$var/lib/berth/history/qa1.jsonl"
  run -0 make_as_nobody uninstall "DESTDIR=$stage/c"
  [ "$(cd "$stage/c" && find . -type f | sort)" = "$(
    for file in "$(folder sysconfdir)"/berth/apache/berth{-common,-proxy,}.conf \
      "$(folder sysconfdir)/apache2/sites-available/berth.conf" \
      "$(folder sysconfdir)/berth/berth.conf" \
      "$(folder localstatedir)/lib/berth/history/qa1.jsonl"; do
      echo ".$file"
    done | sort
  )" ]
}

@test "the installed configuration is one that Berth reads" {
  BERTH_CONFIG=$stage/a$(folder sysconfdir)/berth/berth.conf \
    run "$stage/a$(folder sbindir)/berthctl" check
  [[ "$output" != *"berth.conf:"[0-9]* ]]
  # The example's commented parts are right as well.
  mkdir -p "$stage/example"
  sed 's/^#\([a-z[]\)/\1/' "$top/etc/berth.conf.example" \
    >"$stage/example/berth.conf"
  grep -q '^\[application.shop\]' "$stage/example/berth.conf"
  run "$stage/a$(folder sbindir)/berthctl" \
    --config "$stage/example/berth.conf" check
  [[ "$output" != *"berth.conf:"[0-9]* ]]
  [[ "$output" == *known_hosts* ]]
}

@test "systemd accepts the units" {
  mkdir -p "$stage/units"
  for unit in berthd.service berth-web.socket berth-web.service; do
    # Where the programs are now, not where they will be. berth-web's is of a
    # package that only its users install.
    sed -e "s|^ExecStart=/usr/bin/multiwatch|ExecStart=/bin/true|" \
      -e "s|^ExecStart=$(folder sbindir)|ExecStart=$stage/a$(folder sbindir)|" \
      "$stage/a$(folder unitdir)/$unit" >"$stage/units/$unit"
  done
  for unit in berthd.service berth-web.socket berth-web.service; do
    run -0 systemd-analyze verify --man=no "$stage/units/$unit"
    [ -z "$output" ] || { echo "$output"; false; }
  done
  grep -q "^ExecStart=$stage" "$stage/units/berthd.service"
  # The timer with the service that it starts, for one application.
  for unit in berth-refresh@.service berth-refresh@.timer; do
    sed "s|^ExecStart=$(folder sbindir)|ExecStart=$stage/a$(folder sbindir)|" \
      "$stage/a$(folder unitdir)/$unit" >"$stage/units/$unit"
  done
  grep -q "^ExecStart=$stage.*berthctl refresh %i --wait" \
    "$stage/units/berth-refresh@.service"
  for unit in berth-refresh@shop.service berth-refresh@two-words.timer; do
    run -0 systemd-analyze verify --man=no "$stage/units/$unit"
    [ -z "$output" ] || { echo "$output"; false; }
  done
  run -0 systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' \
    "$stage/units/berth-refresh@.timer")"
}

@test "no unit can take the machine's memory, nor write a core" {
  local unit limit
  for unit in "$stage/a$(folder unitdir)"/berth*.service; do
    for limit in '^MemoryMax=[0-9]+[MG]$' '^TasksMax=[0-9]+$' '^LimitCORE=0$'; do
      grep -Eq "$limit" "$unit" || { echo "$unit: $limit"; false; }
    done
  done
}

@test "sysusers and tmpfiles make the permission table" {
  [ "$(id -u)" = 0 ] || skip "needs root: it gives folders away"
  root=$stage/root
  mkdir -p "$root/etc"
  printf 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n' \
    >"$root/etc/passwd"
  printf 'root:x:0:\nwww-data:x:33:\n' >"$root/etc/group"
  lib=$stage/a$(folder prefix)/lib
  systemd-sysusers --root="$root" "$lib/sysusers.d/berth.conf"
  run -0 systemd-tmpfiles --create --root="$root" "$lib/tmpfiles.d/berth.conf"
  [ -z "$output" ] || { echo "$output"; false; }
  berth=$(awk -F: '$1 == "berth" { print $3 }' "$root/etc/passwd")
  [ -n "$berth" ]
  [ "$(grep -c '^www-data.*berth' "$root/etc/group")" = 0 ]
  var=$(folder localstatedir)
  table() { # MODE USER GROUP FOLDER...
    local folder wanted="$1 $2 $3"
    shift 3
    for folder; do
      [ "$(stat -c '%a %u %g' "$root$folder")" = "$wanted" ] ||
        { stat -c "%a %u %g %n, wanted $wanted" "$root$folder"; false; }
    done
  }
  table 755 0 0 "$var/spool/berth" "$(folder sysconfdir)/berth" \
    "$(folder sysconfdir)"/berth/{scrub,claim,templates,conf.d}
  table 1770 "$berth" 33 "$var/spool/berth/drop"
  table 2750 "$berth" 33 "$var"/spool/berth/{receipts,queue,active,bad} \
    "$var"/lib/berth/{history,state} "$var/log/berth" \
    "$var"/lib/berth/history/{applications,clusters}
  table 700 "$berth" "$berth" "$var/spool/berth/lock" \
    "$var/spool/berth/drop-root" "$var/lib/berth/home" \
    "$(folder runstatedir)/berth" "$var/cache/berth" "$var/lib/berth/clusters"
  table 755 "$berth" "$berth" "$var/lib/berth"
  table 750 0 "$berth" "$(folder sysconfdir)/berth/secrets"
}

@test "a web user of its own is made with its group" {
  [ "$(id -u)" = 0 ] || skip "needs root: it makes accounts"
  root=$stage/own
  mkdir -p "$root/etc"
  printf 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n' \
    >"$root/etc/passwd"
  printf 'root:x:0:\nwww-data:x:33:\n' >"$root/etc/group"
  sed 's/\bwww-data\b/berth-web/g' \
    "$stage/a$(folder prefix)/lib/sysusers.d/berth.conf" >"$stage/own.conf"
  systemd-sysusers --root="$root" "$stage/own.conf"
  group=$(awk -F: '$1 == "berth-web" { print $3 }' "$root/etc/group")
  [ -n "$group" ]
  [ "$(awk -F: '$1 == "berth-web" { print $4 }' "$root/etc/passwd")" = "$group" ]
  # The one that Apache has already stays as it is.
  grep -qx 'www-data:x:33:33::/:/bin/false' "$root/etc/passwd"
}

@test "the web user can add a drop and neither remove nor read another's" {
  [ "$(id -u)" = 0 ] || skip "needs root: it acts as two users"
  drop=$stage/root$(folder localstatedir)/spool/berth/drop
  [ -d "$drop" ]
  chmod 0755 "$stage"
  as() { setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"; }
  as 33 touch "$drop/one"
  touch "$drop/roots"
  run ! as 33 rm -f "$drop/roots"
  run ! as 65534 ls "$drop"
  run ! as 33 ls "${drop%/drop}/lock"
  run ! as 33 ls "$drop-root"
  run ! as 33 touch "$drop-root/x"
  run ! as 33 mv "$drop/one" "$drop-root/one"
  run ! as 33 touch "${drop%/drop}/queue/x"
  as 33 ls "${drop%/drop}/queue"
  chmod 0777 "$stage"
}

# With every module the first line of the file asks for, and with none.
apache_test() { # FILE MODULE...
  local module file=$1
  shift
  {
    for module in mpm_event "$@"; do
      [ ! -e "/usr/lib/apache2/modules/mod_$module.so" ] ||
        echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
    done
    echo "ServerName localhost"
    echo "DefaultRuntimeDir $stage"
    echo "PidFile $stage/apache.pid"
    echo "ErrorLog $stage/apache.log"
    echo "Listen 127.0.0.1:9"
    # Where they were staged; mod_fcgid wants to see the program.
    echo "Define BERTH_PROGRAM $stage/a$(folder libexecdir)/berth/berth.fcgi"
    echo "Define BERTH_COMMON $stage/a$(folder sysconfdir)/berth/apache/berth-common.conf"
    echo "Include $file"
  } >"$stage/apache2.conf"
  apache2 -t -f "$stage/apache2.conf"
}

@test "apache2 takes both files as they are installed" {
  conf=$stage/a$(folder sysconfdir)/berth/apache
  for name in berth berth-proxy; do
    read -r -a modules < <(sed -n '1s/^# Depends: //p' "$conf/$name.conf")
    [ "${#modules[@]}" -gt 3 ]
    run -0 apache_test "$conf/$name.conf" "${modules[@]}"
    [[ "$output" == *"Syntax OK"* ]]
  done
}

# The file that ships mounts the console in its own site and in no other.
@test "apache2 takes the site as it is installed, which includes the file" {
  site=$stage/a$(folder sysconfdir)/apache2/sites-available/berth.conf
  conf=$(folder sysconfdir)/berth/apache
  grep -q "Include \"$conf/berth.conf\"" "$site"
  sed "s|\"$conf|\"$stage/a$conf|" "$site" >"$stage/site.conf"
  read -r -a modules < <(sed -n '1s/^# Depends: //p' \
    "$stage/a$conf/berth.conf")
  run -0 apache_test "$stage/site.conf" "${modules[@]}"
  [[ "$output" == *"Syntax OK"* ]]
}

@test "man shows every page without a complaint" {
  shopt -s nullglob
  pages=("$stage/a$(folder mandir)"/man*/*)
  [ "${#pages[@]}" -ge 5 ]
  for page in "${pages[@]}"; do
    run -0 groff -man -Tutf8 -ww -z "$page"
    [ -z "$output" ] || { echo "$page: $output"; false; }
  done
}
