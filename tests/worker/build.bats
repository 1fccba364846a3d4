#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# berth-worker builds: real svn and git, real PostgreSQL, real ssh, real sites.

bats_require_minimum_version 1.5.0
load ../lib/worker
load ../lib/wait

setup_file() { LAB_LIGHT="" worker_start; }
teardown_file() { worker_stop; }
setup() { lab_env; }
teardown() { rm -f "$SPOOL_DIR/active/"*; }

@test "publish makes an existing database a base, once" {
  put_job publish "" shop \
    '{"database": "shop_base", "data_at": "2026-11-22T03:40:00Z"}'
  work
  succeeded
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname ~ '_b_shop_'
    AND datconnlimit = 0 AND NOT datallowconn")" = 1 ]
  [ "$(sql "SELECT count(*) FROM pg_database WHERE datname = 'shop_base'")" \
    = 0 ]
  worker tidy db1
  jq -e '.bases[0].application == "shop"' \
    <(tail -n +2 "$STATE_DIR/clusters/db1.json")
  # A worker that died after the rename finds its own base again.
  sed -i '3,$d' "$STEPS"
  sed -i '$d' "$STEPS"
  jq -nc '{seq: 1, at: "2026-11-22T20:00:00.000Z", step: "publish",
    event: "start", message: null}' >>"$STEPS"
  work
  succeeded
  put_job publish "" shop '{"database": "shop_base", "data_at": null}'
  work
  [ "$(outcome)" = failed ]
}

@test "a first build that brings no data is refused before a byte moves" {
  build_job qa1 shop trunk none true
  work
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = preflight ]
  [[ "$(result detail)" == *"no database shop_qa1 on cluster db1"*newest* ]]
  [ -z "$(in_lab ls "$LAB_DIR/guests/qa1/srv/shop")" ]
}

@test "a result names the server where the server is why, and nowhere else" {
  build_job qa66 shop trunk newest true
  work
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = preflight ]
  [ "$(result faulty_server)" = qa66 ]
  build_job qa1 shop branches/never-was newest true
  work
  [ "$(outcome)" = failed ]
  [ "$(result faulty_server)" = null ]
}

@test "a first build puts code and data on a server" {
  build_job qa1 shop trunk newest true
  work
  log_of
  succeeded
  [ "$(result committed)" = true ]
  [ "$(result configuration.verified)" = true ]
  health qa1 | grep -x "branch trunk"
  health qa1 | grep -x "revision $(result revision)"
  health qa1 | grep -x "rows 120000"
  # In this order, but for database and checkout, which run side by side.
  [ "$(jq -r 'select(.event == "end" and .state == "done") | .step' \
    "$STEPS" | sed '2,3{/^database$/d;s/^checkout$/database checkout/}' |
    xargs)" = \
    "preflight database checkout render prepare switch restart verify" ]
  [ "$(stat -c %a "$LOG_DIR/$N.log")" = 640 ]
  cluster_is_tidy
}

# By Python, by Apache and from a file with such a text in it. Apache has no
# locale here, as on a fresh Debian: the vhost that ships gives the site one.
@test "a set value that is not ASCII is on the served page" {
  curl -s "$SITE_URL/qa1/" | grep -F 'Käse für &quot;Jörg&quot; 🧀'
  health qa1 | grep -x 'motto Käse für "Jörg" 🧀'
  health qa1 | grep -x 'apache Käse für "Jörg" 🧀'
  health qa1 | grep -x 'encoding UTF-8'
}

# spy USER: what a site that runs as USER on qa1 sees of shop's settings.
spy() {
  local root=$LAB_DIR/guests/qa1 apache
  in_lab install -d -m 0755 "$root/srv/spy"
  in_lab sh -c 'cat >"$1"' - "$root/srv/spy/spy.wsgi" <<'EOS'
import glob
import os

def application(environ, start_response):
    out = ["uid %d" % os.getuid()]
    for path in sorted(glob.glob("/etc/shop/*") +
                       glob.glob("/etc/apache2/sites-available/shop*")):
        try:
            with open(path) as file:
                out.append("read %s %d" % (path, len(file.read())))
        except PermissionError:
            out.append("denied %s" % path)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("\n".join(out) + "\n").encode()]
EOS
  in_lab sh -c 'cat >"$1"' - "$root/etc/apache2/sites-available/spy.conf" <<EOS
<VirtualHost *>
  ServerName spy
  WSGIDaemonProcess spy processes=1 threads=1 home=/srv/spy $1
  WSGIScriptAlias / /srv/spy/spy.wsgi process-group=spy \
    application-group=%{GLOBAL}
  <Directory /srv/spy>
    Require all granted
  </Directory>
</VirtualHost>
EOS
  in_lab chroot "$root" /usr/sbin/apachectl graceful
  wait_until 20 spy_answers
  curl -s -H 'Host: spy' "http://127.0.0.1:$HTTP_PORT_qa1/"
}

spy_answers() {
  curl -sf -H 'Host: spy' "http://127.0.0.1:$HTTP_PORT_qa1/" | grep -q '^uid'
}

@test "no other application of a guest can read the settings of one" {
  local root=$LAB_DIR/guests/qa1 uid
  [ "$(in_lab chroot "$root" stat -c '%U %G %a' /etc/shop/settings.py)" \
    = 'root shop 640' ]
  # As its own user, and as one that the vhost does not name: Apache's.
  for user in 'user=blog group=blog' ''; do
    run spy "$user"
    [ "$status" -eq 0 ]
    uid=$(in_lab chroot "$root" id -u "$([ -n "$user" ] && echo blog ||
      echo www-data)")
    [[ "$output" == "uid $uid"* ]] || { echo "$output"; false; }
    [[ "$output" == *'denied /etc/shop/settings.py'* ]]
    [[ "$output" != *'read '* ]] || { echo "$output"; false; }
    in_lab rm "$root/etc/apache2/sites-available/spy.conf"
    in_lab chroot "$root" /usr/sbin/apachectl graceful
  done
  # And shop's site does read them.
  health qa1 | grep -x "branch trunk"
}

@test "a branch with a migration is migrated before it is switched to" {
  build_job qa1 shop branches/checkout-2 newest true
  work
  succeeded
  health qa1 | grep -x "columns id,name,price_cents,delivery_days"
  [ "$(result configuration.slot)" = b ]
}

@test "a new database alone leaves slot and code" {
  before=$(in_lab readlink "$LAB_DIR/guests/qa1/srv/shop/current")
  build_job qa1 shop "" newest false
  work
  succeeded
  [ "$(result configuration.path)" = branches/checkout-2 ]
  [ "$(in_lab readlink "$LAB_DIR/guests/qa1/srv/shop/current")" = "$before" ]
  health qa1 | grep -x "columns id,name,price_cents,delivery_days"
}

@test "a checkout alone leaves the data, and takes an old revision" {
  oid=$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa1'")
  build_job qa1 shop trunk none true r020
  work
  succeeded
  [ "$(result revision)" = 20 ]
  [ "$(result configuration.database.oid)" = "$oid" ]
  [ "$(sql "SELECT oid FROM pg_database WHERE datname = 'shop_qa1'")" = "$oid" ]
  health qa1 | grep -x "branch trunk"
}

@test "git: a branch, and a commit of it by seven digits" {
  put_job publish "" shopgit '{"database": "shopgit_base", "data_at": null}'
  work
  build_job qa2 shopgit checkout-2 newest true
  work
  log_of
  succeeded
  [[ "$(result revision)" =~ ^[0-9a-f]{40}$ ]]
  health qa2 | grep -x "branch checkout-2"
  full=$(git ls-remote "$GIT_URL" refs/tags/1.0 | cut -f1)
  build_job qa2 shopgit main none true "$(tr a-f A-F <<<"${full:0:9}")"
  work
  succeeded
  [ "$(result revision)" = "$full" ]
  build_job qa2 shopgit main none true \
    "$(git ls-remote "$GIT_URL" refs/heads/checkout-2 | cut -c1-10)"
  work
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = preflight ]
}

@test "preflight refuses early, and nothing is made" {
  before=$(served qa1)
  for job in "nowhere newest true" "trunk 20200101000000 true" \
    "trunk newest true 99999"; do
    # shellcheck disable=SC2086
    build_job qa1 shop $job
    work
    [ "$(outcome)" = failed ]
    [ "$(result failed_step)" = preflight ]
    [ "$(result committed)" = false ]
    case $job in
      nowhere*) [[ "$(result detail)" == *"nowhere: the repository has no such \
path" ]] ;;
      *99999) [[ "$(result detail)" == *"the repository has no revision 99999"* ]] ;;
      *20200101000000*) [[ "$(result detail)" == *"available: $(sql "SELECT
        substring(datname FROM '[0-9]*$') FROM pg_database
        WHERE datname ~ '_b_shop_'")" ]] ;;
    esac
  done
  build_job qa3 shop "" newest false
  work
  [[ "$(result detail)" == *"no checkout"* ]]
  sql "CREATE DATABASE shop_qa4 OWNER shop"
  build_job qa4 shop trunk newest true
  work
  [[ "$(result detail)" == *"not marked"* ]]
  sql "DROP DATABASE shop_qa4"
  template=$LAB_DIR/etc/berth/templates/shop/etc/shop/settings.py.tpl
  in_lab cp "$template" "$template~"
  in_lab sed -i 's/secret_key:x-python/secret_kye:x-python/' "$template"
  build_job qa1 shop trunk newest true
  work
  in_lab mv "$template~" "$template"
  [[ "$(result detail)" == *"settings.py.tpl:"*"unknown variable"* ]]
  [ "$(served qa1)" = "$before" ]
  cluster_is_tidy
}

@test "a secret that a program prints is masked in log and steps" {
  template=$LAB_DIR/etc/berth/templates/shop/etc/shop/settings.py.tpl
  in_lab cp "$template" "$template~"
  printf '%s\n' 'import sys' \
    'sys.stderr.write("KEY " + SECRET_KEY + "\x1b[31m\n")' >>"$template"
  build_job qa1 shop trunk none true
  work
  in_lab mv "$template~" "$template"
  log_of | grep -q 'KEY \*\*\*\*\*'
  secret=$(in_lab cat "$LAB_DIR/etc/berth/secrets/shop/secret_key")
  [ -n "$secret" ]
  run ! grep -rqF "$secret" "$LOG_DIR" "$SPOOL_DIR" \
    "${STATE_DIR%/state}"
  run ! grep -q $'\x1b' "$LOG_DIR/$N.log"
}

@test "a site that does not answer right is kept, and the log says why" {
  template=$LAB_DIR/etc/berth/templates/shop/etc/shop/site.wsgi.tpl
  in_lab cp "$template" "$template~"
  in_lab sed -i 's/^import sys$/import sys, no_such_module/' "$template"
  in_lab sed -i 's/contains = "Shop"/contains = "Shop", timeout = "2s"/' \
    "$LAB_DIR/etc/berth/berth.conf"
  build_job qa1 shop trunk newest true
  work
  in_lab mv "$template~" "$template"
  log_of
  [ "$(outcome)" = failed ]
  [ "$(result failed_step)" = verify ]
  [ "$(result committed)" = true ]
  [ "$(result configuration.verified)" = false ]
  [[ "$(result configuration.url)" == http*/qa1/ ]]
  log_of | grep -q 'status 500'
  log_of | grep -q 'error log: .*no_such_module'
  cluster_is_tidy
}

@test "a page that takes longer than ten seconds each time passes in its time" {
  template=$LAB_DIR/etc/berth/templates/shop/etc/shop/site.wsgi.tpl
  in_lab cp "$template" "$template~"
  in_lab tee -a "$template" >/dev/null <<'EOS'
import time
at_once = application
def application(environ, start_response):
    time.sleep(11)
    return at_once(environ, start_response)
EOS
  configured 's|\(contains = "Shop"\).*}|\1, timeout = "40s" }|'
  build_job qa1 shop trunk newest true
  work
  as_configured
  in_lab mv "$template~" "$template"
  succeeded
  [ "$(result configuration.verified)" = true ]
}

# configured SED...: the next jobs find berth.conf so; as_configured ends it.
configured() {
  in_lab cp "$BERTH_CONFIG" "$BERTH_CONFIG~"
  in_lab sed -i "$@" "$BERTH_CONFIG"
}
as_configured() { in_lab mv "$BERTH_CONFIG~" "$BERTH_CONFIG"; }

@test "a repository that cannot be asked is named by what was printed first" {
  local url why kind
  while read -r kind url why; do
    configured "s|^repository = \"$kind:.*|repository = \"$url\"|"
    case $kind in
      git) build_job qa2 shopgit main none true ;;
      svn) build_job qa1 shop trunk none true ;;
    esac
    work
    as_configured
    echo "$url: $(result detail)"
    [ "$(outcome) $(result failed_step)" = "failed preflight" ]
    [[ "$(result detail)" == *"$why"* ]]
    [[ "$(result detail)" != *"the repository exists"* ]]
    [[ "$(result detail)" != *E170013* ]]
    end_job
  done <<EOS
git ssh://git@127.0.0.1:9/x.git ssh: connect to host 127.0.0.1 port 9: Connec
git ssh://git@127.0.0.1:$SSH_PORT_qa1/x.git Host key verification failed
git git://127.0.0.1:$GIT_PORT/no.git fatal: remote error: access denied
git $SITE_URL/x.git fatal: repository '$SITE_URL/x.git/' not found
git $SITE_TLS_URL/x.git fatal: unable to access
svn svn+ssh://root@no-such-host.invalid/x ssh: Could not resolve hostname
svn svn://127.0.0.1:9/shop svn: E000111: Can't connect to host
svn svn://127.0.0.1:$SVN_PORT/no svn: E210005: No repository found
svn $SITE_TLS_URL/x svn: E230001: Server SSL certificate verification failed
EOS
}

@test "a checkout that fails on the guest is named by what git printed first" {
  in_lab install -d -m 0755 "$LAB_DIR/guests/qa5/srv/shopgit" \
    "$LAB_DIR/guests/qa5/srv/shopgit/.berth/repo.git"
  build_job qa5 shopgit main newest true
  work
  echo "$(result detail)"
  [ "$(outcome) $(result failed_step)" = "failed checkout" ]
  [[ "$(result detail)" == "checkout on qa5: cannot check out main at "*": "*\
"/.berth/repo.git/"*": Permission denied" ]]
}

@test "a site's certificate is checked, against the machine's list or its ca" {
  local told tls="s|^url = .*|url = \"$SITE_TLS_URL/{server}/\"|"
  local verify='s|\(contains = "Shop"\).*}|\1, timeout = "2s" }|'
  in_lab install -m 0644 "$LAB_DIR/site/site.pem" "$LAB_DIR/etc/berth/site.pem"

  # Not even where berth's own curl would not check it.
  echo insecure >"$LAB_DIR/var/lib/berth/home/.curlrc"
  configured -e "$tls" -e "$verify"
  build_job qa1 shop trunk none true
  work
  as_configured
  rm "$LAB_DIR/var/lib/berth/home/.curlrc"
  told=$(result detail)
  echo "$told"
  [ "$(outcome) $(result failed_step) $(result committed)" = \
    "failed verify true" ]
  [[ "$told" == *"curl: (60) SSL certificate problem: self-signed"* ]]
  [[ "$told" == *"set verify's ca"*"insecure = true"* ]]

  configured -e "$tls" -e "$verify" \
    -e "s|contains = \"Shop\"|&, ca = \"$LAB_DIR/etc/berth/site.pem\"|"
  build_job qa1 shop trunk none true
  work
  as_configured
  succeeded
  [ "$(result configuration.verified)" = true ]
  [[ "$(result configuration.url)" == "$SITE_TLS_URL/qa1/" ]]
  run -1 grep -q 'is not checked' "$LOG_DIR/$N.log"

  configured -e "$tls" -e "$verify" -e 's|contains = "Shop"|&, insecure = true|'
  build_job qa1 shop trunk none true
  work
  as_configured
  succeeded
  log_of | grep -q "the certificate of $SITE_TLS_URL/qa1/ is not checked"

  # What cannot be read is told before anything is made.
  configured -e "$tls" -e "$verify" \
    -e "s|contains = \"Shop\"|&, ca = \"$LAB_DIR/etc/berth/none.pem\"|"
  build_job qa1 shop trunk none true
  work
  as_configured
  [ "$(outcome) $(result failed_step)" = "failed preflight" ]
  [[ "$(result detail)" == "read verify's ca $LAB_DIR/etc/berth/none.pem: No "* ]]
}

@test "a mistyped branch is told with those that are near" {
  worker paths shop
  build_job qa1 shop branches/chekout-2 newest true
  work
  [ "$(result detail)" = "find branches/chekout-2: the repository has no \
such path; near: branches/checkout-2" ]
}

@test "tidy and paths publish what there is" {
  worker tidy db1
  tail -n +2 "$STATE_DIR/clusters/db1.json" |
    jq -e '.reachable and (.bases | length == 2) and .trash > 0 and
      .problems == []'
  worker paths shop
  tail -n +2 "$STATE_DIR/applications/shop.paths.json" |
    jq -e '[.paths[].path] | sort ==
      ["branches/checkout-2", "tags/1.0", "trunk"]'
  worker paths shopgit
  tail -n +2 "$STATE_DIR/applications/shopgit.paths.json" |
    jq -e '[.paths[].path] | sort == ["1.0", "checkout-2", "main"]'
}
