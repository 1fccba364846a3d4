#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The architecture and the house style as tests: what a reviewer would have to
# remember otherwise.

setup() { cd "$BATS_TEST_DIRNAME/../.." || exit 1; }

# Includes of directory $1 that are not of the directories in the rest.
foreign_includes() {
  local from=$1 allowed
  shift
  allowed=$(IFS='|'; echo "$*")
  grep -nHE '^#include "' -r "src/$from" |
    grep -vE "#include \"($allowed)/" || true
}

@test "includes go one way: base, model, store, step, then the programs" {
  run foreign_includes base base
  [ -z "$output" ]
  run foreign_includes model model base
  [ -z "$output" ]
  run foreign_includes store store model base
  [ -z "$output" ]
  run foreign_includes step step store model base
  [ -z "$output" ]
  for program in web watch runner ctl; do
    run foreign_includes "$program" "$program" store model base
    [ -z "$output" ] || { echo "$output"; false; }
  done
  for program in hypervisor worker; do
    run foreign_includes "$program" "$program" step store model base
    [ -z "$output" ] || { echo "$output"; false; }
  done
}

# rooms PROGRAM ROOM...: its rooms from the bottom up; each includes only those
# before it. The program's own files are above all.
rooms() {
  local program=$1 room others seen=
  shift
  [ "$(printf '%s\n' "$@" | sort)" = \
    "$(find "src/$program" -mindepth 1 -type d -printf '%P\n' | sort)" ] ||
    { echo "the rooms of $program are not those of this rule"; return 1; }
  for room; do
    seen+="${seen:+|}$room"
    others=$(grep -nHE "^#include \"$program/" -r "src/$program/$room" |
      grep -vE "#include \"$program/($seen)/" || true)
    [ -z "$others" ] || { echo "$others"; return 1; }
  done
}

@test "the rooms of a program include only those below" {
  rooms runner world decide ledger processes publish
  rooms worker job cluster repository guest render tidy machine data build
}

# Files that include $1 outside of the directories in the rest.
users_of() {
  local pattern=$1 out
  shift
  out=$(grep -lrE "#include [<\"]($pattern)" src || true)
  for dir in "$@"; do out=$(grep -v "^src/$dir/" <<<"$out" || true); done
  echo -n "$out"
}

@test "only worker/cluster knows libpq, only worker/render ctemplate" {
  run users_of libpq worker/cluster
  [ -z "$output" ] || { echo "$output"; false; }
  run users_of ctemplate worker/render
  [ -z "$output" ] || { echo "$output"; false; }
}

@test "only watch/ and hypervisor/ know libvirt" {
  run users_of libvirt watch hypervisor
  [ -z "$output" ] || { echo "$output"; false; }
}

@test "one header includes pugixml: its leniency ends there" {
  run users_of pugixml
  [ "$output" = src/base/xml.hpp ] || { echo "$output"; false; }
  run grep -rnE 'load_(buffer|string|file)' src
  [ "$(grep -vc '^src/base/xml.cpp:' <<<"$output")" = 0 ] ||
    { echo "$output"; false; }
}

@test "only web/ knows FastCGI and cgicc" {
  run users_of 'fcgi|cgicc' web
  [ -z "$output" ] || { echo "$output"; false; }
}

@test "one header includes toml++, for its checks must be one definition" {
  run grep -rlE '#include [<"]toml' src tests --include='*.cpp' \
    --include='*.hpp'
  [ "$output" = src/base/toml.hpp ] || { echo "$output"; false; }
  run grep -rlE 'toml::parse(_file)?\(' src tests --include='*.cpp'
  [ "$output" = src/base/toml.cpp ] || { echo "$output"; false; }
}

@test "only worker/ starts ssh, and an administrator's own in admin_ssh" {
  run grep -rlE '"(/usr/bin/)?ssh"' src --include='*.cpp'
  [ -z "$(grep -v '^src/worker/\|^src/ctl/admin_ssh.cpp' <<<"$output" |
    grep .)" ] || { echo "$output"; false; }
}

@test "every program that worker/ starts is confined, but for its own steps" {
  local file
  run grep -rlE 'Child::start' src/worker --include='*.cpp'
  for file in $output; do
    [ "$file" = src/worker/job/step_processes.cpp ] ||
      grep -q 'options\.confinement = confinement;' "$file" ||
      { echo "$file"; false; }
  done
  # No default, so that nobody forgets it; and no other way to run one.
  run grep -nE 'Confinement>?&? (confinement|confined)[^;]* = |RunResult \w+ = run\(|berth::run\(|execvp|posix_spawn|popen' \
    -r src/worker
  [ -z "$output" ] || { echo "$output"; false; }
  grep -q '^                      const Confinement& confinement, Link& link,$' \
    src/worker/job/process.hpp
}

@test "console and guest name the same version of berth-guest" {
  [ "$(sed -n 's/^VERSION=//p' sbin/guest/berth-guest)" = \
    "$(sed -n 's/.* kGuestVersion = \([0-9]*\);/\1/p' src/store/enrolment.hpp)" ]
}

@test "one function drops databases" {
  run grep -rlE '(DROP|drop) (DATABASE|OWNED)[ "]' src --include='*.cpp'
  [ "$output" = src/worker/cluster/trash.cpp ] || { echo "$output"; false; }
  [ "$(grep -c '"DROP DATABASE' src/worker/cluster/trash.cpp)" = 1 ]
}

@test "no program starts a shell and no thread is made" {
  run grep -rnE '\b(system|popen)\(|std::(thread|async|jthread)|pthread_create' \
    src
  [ "$status" -eq 1 ] || { echo "$output"; false; }
}

# In one direction a note in another turns what follows it.
@test "the page keeps a note's direction to the note" {
  run bash -c "sed -E 's/<bdi>\{\{note\}\}<\/bdi>//g
      s/&#x2068;\{\{note\}\}&#x2069;//g; s/title=\"\{\{note\}\}\"//g
      s/<textarea [^>]*dir=\"auto\"[^>]*>\{\{note\}\}//g' \
      htdocs/templates/*.mustache | grep -n '{{note}}'"
  [ "$status" -eq 1 ] || { echo "$output"; false; }
  run bash -c "grep -rn 'name=\"note\"' htdocs | grep -v 'dir=\"auto\"'"
  [ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "the page escapes: no triple braces, no innerHTML, no .html(" {
  [ -d htdocs ]
  run grep -rnE '\{\{\{|\{\{&|innerHTML|outerHTML|insertAdjacentHTML|\.html\(|_\.template' \
    htdocs --include='*.js' --include='*.mustache' --include='*.html'
  [ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "no inline script, style or handler in the page" {
  run grep -nE '<script>|<style|[[:space:]](style|on[a-z]+)=' -r htdocs \
    --include='*.html' --include='*.mustache'
  [ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "every source names its licence in one line" {
  run git ls-files -- 'src/*.cpp' 'src/*.hpp' 'tests/*.cpp' 'tests/*.hpp' \
    'tests/*.sh' 'tests/*.bats' 'sbin/*' 'contrib/*' 'packages/*.sh'
  for file in $output; do
    case $file in *.example) continue ;; esac
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier:' || {
      echo "$file"; false; }
  done
}

@test "files stay small: none over 500 lines, nine in ten under 300" {
  local all big
  all=$(git ls-files -- 'src/*.cpp' 'src/*.hpp' 'htdocs/*.js' | wc -l)
  run bash -c "git ls-files -- 'src/*.cpp' 'src/*.hpp' 'htdocs/*.js' 'sbin/*' \
    'contrib/*' |
    xargs wc -l | awk '\$2 != \"total\" && \$1 > 500'"
  [ -z "$output" ] || { echo "$output"; false; }
  big=$(git ls-files -- 'src/*.cpp' 'src/*.hpp' 'htdocs/*.js' |
    xargs wc -l | awk '$2 != "total" && $1 > 300' | wc -l)
  echo "$big of $all files are over 300 lines"
  [ $((big * 10)) -le "$all" ]
}

@test "sources keep within 80 columns" {
  run bash -c "git ls-files -- 'src/*.cpp' 'src/*.hpp' |
    xargs awk 'length(\$0) > 80 { print FILENAME \":\" FNR }'"
  [ -z "$output" ] || { echo "$output"; false; }
}

@test "shellcheck finds nothing in any script" {
  local scripts
  scripts=$(git ls-files | while read -r file; do
    case $file in *.bats | *.bash) continue ;; esac
    [ -f "$file" ] || continue
    if head -c 64 "$file" | head -n 1 | grep -aqE '^#!.*\b(ba)?sh\b'; then
      echo "$file"
    fi
  done)
  [ -n "$scripts" ]
  # shellcheck disable=SC2086
  run shellcheck -x --source-path=SCRIPTDIR $scripts
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# Each has its subject's file in tests/lib. Another meaning is another name.
@test "a helper of the tests has one definition" {
  local names
  names=$(grep -hoE '^[a-z_0-9]+\(\)' tests/lib/*.bash | sort)
  [ "$(wc -l <<<"$names")" -gt 100 ]
  run uniq -d <<<"$names"
  [ -z "$output" ] || { echo "twice in tests/lib: $output"; false; }
  run bash -c 'git ls-files -- "tests/*.bats" "tests/*.bash" |
    grep -v "^tests/lib/" | xargs grep -noE "^[a-z_0-9]+\(\)" |
    grep -F "$(sed "s/^/:/" <<<"$1")"' - "$names"
  [ -z "$output" ] || { echo "in tests/lib, too: $output"; false; }
}

@test "what is scripted is bash, Python or JavaScript" {
  run bash -c 'git ls-files | while read -r file; do
    [ -L "$file" ] || head -n 1 "$file" | grep -aE "^#!" |
      grep -vE "^#!(/usr/bin/env )?(/usr)?(/bin/)?(ba)?sh\b|bats$|python3\b" |
      sed "s|^|$file: |"
  done'
  [ -z "$output" ] || { echo "$output"; false; }
  run git grep -nE '"perl"|\bperl -' -- . ':!tests/rules'
  [ -z "$output" ] || { echo "$output"; false; }
}

# What is not quoted there is a pattern: a branch `fix[1]` was not the same as
# itself.
@test "no script takes data for a pattern" {
  local scripts
  mapfile -t scripts < <(git ls-files -- sbin | grep -v 'example$')
  [ "${#scripts[@]}" -gt 20 ]
  run grep -nE '\[\[.*(==|!=) [^ "'\'']*\$[^'\'']' "${scripts[@]}"
  [ -z "$output" ] || { echo "$output"; false; }
  run grep -nE '\$\{[a-zA-Z_]+(##?|%%?)[^}"'\'']*\$[a-zA-Z_{(]' "${scripts[@]}"
  [ -z "$output" ] || { echo "$output"; false; }
  # In a "case", a word with a $ before its closing bracket.
  run grep -nE '^ *[^ "'\''#(]*\$[a-zA-Z_{][^ "'\'']*\) ' "${scripts[@]}"
  [ -z "$output" ] || { echo "$output"; false; }
}

# The documents for people: those with a Markdown page's links, and the plain
# ones.
documents() { printf '%s\n' README CONTRIBUTING SECURITY docs/*.md; }

@test "every file that the documents and the map name is there" {
  local file name
  for file in $(documents) src/README; do
    for name in $(grep -ohE \
      '(^|[ `("])(src|tests|sbin|apache|contrib|htdocs|templates|packages|man|systemd|docs)/[A-Za-z0-9_./-]+' \
      "$file" | sed 's/^[ `("]//; s/[.,:;)]*$//' | sort -u); do
      [ -e "$name" ] || { echo "$file names $name, which does not exist"; false; }
    done
  done
}

# [words](FILE#HEADING): FILE is next to the page, HEADING one of its headings.
@test "every link of the documents leads to a page and a heading" {
  local file link page heading
  for file in $(documents); do
    for link in $(grep -oE '\]\([^) ]+\)' "$file" | sed 's/^](//; s/)$//'); do
      case $link in http*) continue ;; esac
      page=${link%%#*} heading=
      [ "$page" = "$link" ] || heading=${link#*#}
      page=$(dirname "$file")/${page:-${file##*/}}
      [ -e "$page" ] || { echo "$file: there is no $page"; false; }
      [ -z "$heading" ] || sed -n 's/^#\{1,4\} //p' "$page" |
        tr '[:upper:]' '[:lower:]' | tr -d ":,.'()\`" | tr ' ' - |
        grep -qxF -- "$heading" || { echo "$file: $page has no #$heading"; false; }
    done
  done
}

@test "README is a front door: at most 120 lines" {
  [ "$(wc -l <README)" -le 120 ]
}

# Tables, and what programs printed, are as wide as they are.
@test "the documents keep within 80 columns" {
  # shellcheck disable=SC2046
  run awk 'length($0) > 80 && !/^\|/ && !/^    / { print FILENAME ":" FNR }' \
    $(documents | grep -v security.md) CHANGELOG
  [ -z "$output" ] || { echo "$output"; false; }
}

# A fence is for what is no command. A comment counts for the indented lines from
# there to the next one:
#   <!-- commands: example -->
#   <!-- commands: run by tests/FILE -->     FILE names the page in turn
@test "a page of docs names the test that runs its commands, or an example" {
  local page file
  for page in docs/*.md; do
    run awk '/^<!-- commands: (example|run by tests\/[^ ]+) -->$/ { on = 1 }
      /^```/ { fence = !fence }
      /^    / && !on && !fence { print FILENAME ":" FNR; exit }
      /^<!--/ && !/^<!-- commands: (example|run by tests\/[^ ]+) -->$/ {
        print FILENAME ":" FNR }' "$page"
    [ -z "$output" ] || { echo "$output: which test runs this?"; false; }
    for file in $(sed -n 's/^<!-- commands: run by \(.*\) -->$/\1/p' "$page"); do
      grep -qF "$page" "$file" || { echo "$file does not name $page"; false; }
    done
  done
}

# roles_in FILE: the SQL of its roles and grants, in one line.
roles_in() {
  sed -n '/CREATE ROLE shop_restore/,/ TO berth;/p
    /GRANT EXECUTE/,/ TO berth;/p' "$1" |
    sed "s/ PASSWORD '...'//; s/^ *echo \"//; s/\"$//; /ROLE shop LOGIN/d" |
    tr -s ' \n' '  '
}

@test "the lab has the roles and grants of docs/install.md" {
  run diff <(roles_in tests/lab/cluster.sh | sed 's/^ *//') \
    <(roles_in docs/install.md | sed 's/^ *//')
  [ "$status" = 0 ] || { echo "$output"; false; }
}

@test "every line of the threat model names a test that exists" {
  local file name rows=0
  while IFS=$'\t' read -r file name; do
    rows=$((rows + 1))
    case $file in
      *.bats) grep -qF "@test \"$name\"" "$file" ;;
      *.cpp) grep -qE "^BOOST_AUTO_TEST_CASE\($name[,)]" "$file" ;;
      *.mjs) grep -qF "test('$name'" "$file" ;;
      *) false ;;
    esac || { echo "$file has no test '$name'"; false; }
  done < <(sed -n '/^## Actors/,$s/^|.*| `\(tests[^`]*\)`: \(.*\) |$/\1\t\2/p' \
    docs/security.md)
  [ "$rows" -gt 50 ]
  # A line without a test is not in that form.
  run bash -c "sed -n '/^## Actors/,/^## What/p' docs/security.md |
    grep '^|' | grep -vE '^\| what is|^\| ---|^\|.*\| \`tests/[^\`]+\`: .+ \|\$'"
  [ -z "$output" ] || { echo "$output"; false; }
}
