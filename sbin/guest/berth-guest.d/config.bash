# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# guest.conf: what the administrator of the guest allows. JSON, in which lines
# that start with # are comments. JSON instead of a sourced shell file, because
# a wrong file is then at worst refused and never run, and because commands are
# lists of words, not strings for a shell. The file and the folders above it
# must belong to root only. guest.conf.example shows every key.

shared=() prepare_command=() prepare_start=() configtest=() reload=() allowed=()
converge=() others=()

# mine_alone KIND PATH...: each is of KIND as stat names it ("directory",
# "regular file"), belongs to root and is writable by root only. Sets $blame.
mine_alone() {
  is_mine 0 "$@"
}

# is_mine BITS KIND PATH...: from the second PATH on, others may be able to
# write if the mode has one of BITS.
is_mine() {
  local excuse=0 later=$1 kind=$2 owner mode type name
  shift 2
  while IFS='|' read -r owner mode type name; do
    blame=$name
    [[ $type == "$kind" || $type == 'regular empty file' && \
      $kind == 'regular file' ]] || return 1
    [[ $owner == 0 ]] || return 1
    (((8#$mode & 8#022) == 0 || (8#$mode & excuse) != 0)) || return 1
    excuse=$later
  done < <(stat -c '%u|%a|%F|%n' -- "$@" 2>/dev/null || echo "-|0|missing|$1")
}

# mine_from_top PATH: PATH and every folder above it belong to root only. None
# is a link, so the name keeps its meaning. A sticky folder (/tmp) is accepted
# above PATH, because nobody else can move root's entries in it.
mine_from_top() {
  local path=$1 folders=("$1" /)
  while [[ $path == /?* ]]; do
    folders+=("$path")
    path=${path%/*}
  done
  is_mine 8#1000 directory "${folders[@]}"
}

# shellcheck disable=SC2016
kConfigProgram='
def text: type == "string" and length > 0 and (test("\\p{Cc}") | not);
def folder: text and startswith("/") and . != "/"
  and (.[1:] | split("/") | all(. != "" and . != "." and . != ".."));
def inner: text and (startswith("/") | not)
  and (split("/") | all(. != "" and . != "." and . != ".."));
def words: type == "array" and length > 0 and all(type == "string"
  and (test("\\p{Cc}") | not)) and (.[0] | length > 0);
def root_words: words and (.[0] | folder);
def list(check): type == "array" and all(check);
def account: text and test("\\A[a-z_][a-z0-9_.-]{0,31}\\z");
def user: account and . != "root";
def repository($kind): text and if $kind == "svn"
  then test("\\A(svn|svn\\+[a-z]+|https?|file)://[!-~]+[^/]\\z")
  else test("\\A((https?|ssh|git|file)://|/|[A-Za-z0-9][A-Za-z0-9._-]*@)" +
    "[!-~]+\\z") end;
def right($key; $kind):
  if $key == "root" or $key == "error_log" then folder
  elif $key == "user" then user
  elif $key == "group" then account
  elif $key == "kind" then . == "svn" or . == "git"
  elif $key == "repository" then repository($kind)
  elif $key == "shared" then list(inner)
  elif $key == "together" then list(text)
  elif $key == "files" then list(rtrimstr("/") | inner)
  elif $key == "prepare" then list(words)
  elif any("configtest", "converge", "reload"; . == $key) then root_words
  elif $key == "deadline" then type == "number" and . >= 1 and . <= 86400
  else false end;
def need(ok; what): if ok then . else error(what) end;
def known: ["configtest", "converge", "deadline", "error_log", "files",
  "group", "kind", "prepare", "reload", "repository", "root", "shared",
  "together", "user"];
def wanted: ["error_log", "files", "kind", "reload", "repository", "root",
  "user"];
def accounts: [.user, .group // .user];
def checked($name):
  need($name | test("\\A[a-z][a-z0-9-]{0,24}\\z"); "is no application name")
  | need(type == "object"; "must be an object")
  | need((keys - known) == []; "unknown key \((keys - known)[0])")
  | need((wanted - keys) == []; "\((wanted - keys)[0]) is missing")
  | . as $all
  | [keys[] | select(. as $key | $all[$key] | right($key; $all.kind) | not)]
    as $wrong
  | need($wrong == []; "\($wrong[0]) is not valid")
  | ([accounts[] | select(IN("root", "berth", "berth-filter", "nobody",
    "nogroup"))]) as $taken
  | need($taken == []; "\($taken[0]) cannot be the user or group of an " +
    "application: other programs have it")
  | $all;
# Two applications: why they cannot be on one guest (src/store/accounts.hpp has
# the same rule and messages, for the console).
def inside($a; $b): ($a.value.root + "/") | startswith($b.value.root + "/");
def names($b): .value.together // [] | index($b.key);
def clash($a; $b): "\($a.key) and \($b.key)" as $both
  | (($a.value | accounts) as $of_a | $b.value | accounts
    | map(select(IN($of_a[])))) as $common
  | if inside($a; $b) or inside($b; $a) then
      "\($both): the root of one is in that of the other"
    elif ($a | names($b)) and ($b | names($a)) then empty
    elif $common != [] then "\($both) both have the user or group " +
      "\($common[0]), so that each can read the secrets of the other: give " +
      "each its own, or name each in \"together\" of the other"
    elif ($a.value, $b.value | accounts | index("www-data")) then
      "\($both): www-data is the account of Apache, so that each site can " +
      "read what is its own: give each application its own user and group, " +
      "or name each in \"together\" of the other"
    else empty end;

need(length == 1; "must be one JSON object") | .[0]
| need(type == "object" and .version == 1; "version must be 1")
| need((keys - ["applications", "prefix", "version"]) == [];
  "unknown key \((keys - ["applications", "prefix", "version"])[0])")
| need(.prefix == null or .prefix == "" or (.prefix | folder);
  "prefix is not valid")
| need(.applications | type == "object"; "applications is missing")
| [.applications | to_entries[] | .key as $name | .value |
  try checked($name) catch error("applications.\($name): \(.)")] as $checked
| ([.applications | to_entries as $all | range($all | length) as $i |
  range($i) as $j | first(clash($all[$j]; $all[$i]))]) as $clashes
| need($clashes == []; $clashes[0])
| .prefix as $prefix | .applications
| (to_entries | map(select(.key == $application))) as $own
| (to_entries[] | select(.key != $application and $own != []
    and ($own[0] as $one | ((. | names($one)) and ($one | names(.))) | not))
    | "other \(.key) \(.value.user) \(.value.group // "")"),
  (.[$application] // empty
| "prefix \($prefix // "")", "root \(.root)", "user \(.user)",
  "group \(.group // "")", "kind \(.kind)", "repository \(.repository)",
  "error_log \(.error_log)", "deadline \(.deadline // 1800 | floor)",
  (.shared // [] | .[] | "shared \(.)"), (.files[] | "files \(.)"),
  (.prepare // [] | .[] | "prepare", (.[] | "word \(.)")),
  (.configtest // [] | .[] | "configtest \(.)"),
  (.converge // [] | .[] | "converge \(.)"), (.reload[] | "reload \(.)"))'

# config_is_trusted FILE: otherwise $wrong is the reason.
config_is_trusted() {
  wrong='the path of the config must be absolute'
  [[ $1 == /* && $1 != *//* ]] || return
  mine_alone 'regular file' "$1" && mine_from_top "${1%/*}" && return
  wrong="$blame must belong to root only and must not be a link; see\
 berth-guest(8)"
  return 1
}

# config_text FILE: comments become empty lines, so that jq's line numbers are
# right.
config_text() { sed 's/^[[:space:]]*#.*//' -- "$1"; }

# load_input FILE: the request and the config with one jq, because jq takes
# longer to start than to check both. It prints the request's entries, "=", the
# config's entries, and "." at the end. Without the ".", one of them is not
# JSON: then each is checked separately for its message, the request first.
load_input() {
  local wrong='' line request_program i equals=-1
  local -a entries=()
  read_request
  request_program
  if config_is_trusted "$1"; then
    mapfile -t entries < <(jq -rs --slurpfile config \
      <(config_text "$1") "
      def request: $request_program;
      def config(\$application): $kConfigProgram;
      try (request, \"=\") catch \"! \\(.)\",
      (.[0].application? as \$name | \$config |
        try config(\$name) catch \"! \\(.)\"), \".\"" \
      <<<"$line" 2>/dev/null)
  fi
  if [[ ${entries[*]: -1} == . ]]; then
    for i in "${!entries[@]}"; do
      [[ ${entries[i]} != = ]] || { equals=$i; break; }
    done
    ((equals >= 0)) || equals=${#entries[@]}
    take_request "${entries[@]:0:equals}"
    take_config "$1" "${entries[@]:equals + 1:${#entries[@]} - equals - 2}"
  else
    check_request
    [[ ! $wrong ]] || fail "$wrong"
    check_config "$1"
  fi
}

# check_config FILE: checks only the config.
check_config() {
  local -a entries
  mapfile -t entries < <(config_text "$1" |
    jq -rs --arg application "$application" "
      try ($kConfigProgram) catch \"! \\(.)\"" 2>&1 | sed 's/^jq:/! &/
      s/^parse error/! &/')
  take_config "$1" "${entries[@]}"
}

# check_file FILE: checks every application of a new guest.conf. A missing
# account is not an error: Puppet may create it later. Two names can be one
# account, and a user is in groups that guest.conf does not name: only the guest
# knows both.
check_file() {
  local wrong='' text name kind entry found id
  local -A named=()
  # shellcheck disable=SC2016
  local accounts='.applications | to_entries[] | .key as $key | .value |
    "passwd \($key) \(.user)", (.group // empty | "group \($key) \(.)")'
  config_is_trusted "$1" || fail "$wrong"
  text=$(config_text "$1" | jq -rs --arg application '' "
    try ($kConfigProgram) catch \"! \\(.)\"" 2>&1) || text="! $text"
  [[ $text != '! '* ]] || fail "$1: ${text#'! '}"
  while read -r kind name entry; do
    if ! found=$(getent "$kind" -- "$entry"); then
      log "$name: this guest has no ${kind/passwd/user} $entry yet"
      continue
    fi
    IFS=: read -r _ _ id _ <<<"$found"
    ((id != 0)) || fail "$1: $name: the ${kind/passwd/user} $entry is root"
    [[ ${named[$kind $id]-$entry} == "$entry" ]] ||
      fail "$1: $name: ${named[$kind $id]} and $entry are one\
 ${kind/passwd/user} of this guest, with the number $id"
    named[$kind $id]=$entry
  done < <(printf '%s\n' 'passwd berth berth' \
    "passwd berth-filter $kFilterAccount" 'passwd nobody nobody' \
    'group berth berth' 'group nobody nogroup' | while read -r line; do
      getent "${line%% *}" -- "${line##* }" >/dev/null && echo "$line"
    done
    config_text "$1" | jq -r "$accounts")
  for name in $(config_text "$1" | jq -r '.applications | keys[]'); do
    mapfile -t found < <(config_text "$1" |
      jq -rs --arg application "$name" "$kConfigProgram" |
      sed -n 's/^other //p; s/^\(user\|group\) /&/p')
    others=() user='' group=''
    for entry in "${found[@]}"; do
      case $entry in
        'user '*) user=${entry#* } ;;
        'group '*) group=${entry#* } ;;
        *) others+=("$entry") ;;
      esac
    done
    is_apart "$name" || fail "$1: $blame"
  done
  done_with "{\"version\":$VERSION}"
}

# ids_of USER GROUP: sets uid_of, groups_of (the user's own and the one of its
# files) and member_of (all groups with which it can read). Fails if one is
# missing.
ids_of() {
  local entry own
  entry=$(getent passwd -- "$1") || return
  IFS=: read -r _ _ uid_of own _ <<<"$entry"
  groups_of=" $own "
  if [[ $2 ]]; then
    entry=$(getent group -- "$2") || return
    IFS=: read -r _ _ own _ <<<"$entry"
    groups_of+="$own "
  fi
  member_of=" $(id -G -- "$1") $groups_of"
}

# is_apart APPLICATION: no other application of this guest, except those that
# share on purpose (`together`), has an account or a group that can read this
# one's files. Compared by number, with all memberships. Sets $blame. check_file
# calls it for a new guest.conf, stage before secrets are stored.
is_apart() {
  local entry name its_user its_group id apache=' ' uid_of groups_of member_of
  local my_uid my_groups my_members
  ((${#others[@]})) && ids_of "$user" "$group" || return 0
  my_uid=$uid_of my_groups=$groups_of my_members=$member_of
  entry=$(getent group -- www-data) && apache=$(cut -d: -f3 <<<"$entry")
  if [[ $my_groups == *" $apache "* ]]; then
    blame="$1: the group www-data is Apache's, so that each site can read what\
 is its own: give $user and its files another group"
    return 1
  fi
  for entry in "${others[@]}"; do
    read -r name its_user its_group <<<"$entry"
    ids_of "$its_user" "$its_group" || continue
    blame="$1 and $name: $user and $its_user are one user of this guest"
    ((my_uid != uid_of)) || return 1
    for id in $my_groups; do
      [[ $member_of != *" $id "* ]] && continue
      blame="$1 and $name: $its_user is in the group $(getent group "$id" |
        cut -d: -f1) ($id), which $user or its files have, so that it can read\
 the secrets of $1: give each a user, a primary group and a group of its own"
      return 1
    done
    for id in $groups_of; do
      [[ $my_members != *" $id "* ]] && continue
      blame="$name and $1: $user is in the group $(getent group "$id" |
        cut -d: -f1) ($id), which $its_user or its files have, so that it can\
 read the secrets of $name: give each a user, a primary group and a group of\
 its own"
      return 1
    done
  done
}

# take_config FILE ENTRY...: sets prefix, root, user, uid, gid, home, ...
take_config() {
  local file=$1 entry value
  shift
  prefix='' root='' user='' group='' kind='' repository='' error_log=''
  (($#)) || refuse "this guest has no application $application"
  for entry in "$@"; do
    value=${entry#* }
    case ${entry%% *} in
      '!') fail "$file: $value" ;;
      shared) shared+=("$value") ;;
      files) allowed+=("$value") ;;
      prepare) prepare_start+=("${#prepare_command[@]}") ;;
      word) prepare_command+=("$value") ;;
      configtest) configtest+=("$value") ;;
      converge) converge+=("$value") ;;
      reload) reload+=("$value") ;;
      other) others+=("$value") ;;
      *) printf -v "${entry%% *}" %s "$value" ;;
    esac
  done
  find_user
  state=$prefix/var/lib/berth-guest/$application
}

# find_user: sets uid, gid, home of the deploy user; file_gid of rendered files.
find_user() {
  local entry
  entry=$(getent passwd -- "$user") || fail "this guest has no user $user"
  IFS=: read -r _ _ uid gid _ home _ <<<"$entry"
  ((uid != 0)) || fail "the deploy user $user is root"
  ((uid != filter_uid)) ||
    fail "the deploy user $user is $kFilterAccount, which is Berth's own"
  file_gid=$gid
  [[ ! $group ]] && return
  entry=$(getent group -- "$group") || fail "this guest has no group $group"
  IFS=: read -r _ _ file_gid _ <<<"$entry"
}
