# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The request: one line of JSON on stdin, read and checked before anything else
# happens. Afterwards the globals application, argument[NAME], staged_files
# ("MODE PATH" each, for stage) and read_paths (for read) contain only checked
# values.

declare -A argument=()
staged_files=() read_paths=()
kRequestLimit=65536

# read_line: sets $line. It reads byte by byte, because what follows the line in
# the pipe must not be consumed, and with NUL as read's delimiter, because bash
# would otherwise drop NULs silently.
read_line() {
  local c
  line=
  while IFS= read -r -d '' -n 1 -t 60 c; do
    [[ $c == $'\n' ]] && return
    [[ $c ]] || refuse 'the request contains a NUL byte'
    line+=$c
    ((${#line} < kRequestLimit)) ||
      refuse "the request is longer than $kRequestLimit bytes"
  done
  refuse 'the request ended before its newline'
}

# The members of each verb. "?" at the end: optional.
declare -A kMembers=(
  [status]='application' [restart]='application' [discard]='application'
  [checkout]='application kind repository path revision'
  [stage]='application set? tar_bytes files'
  [prepare]='application where' [switch]='application slot'
  [settle]='application job commit' [errors]='application offset'
  [undo]='application job slot path? revision?' [read]='application paths'
  [check]='application' [converge]='application'
)

# shellcheck disable=SC2016
kRequestWords='
def text: type == "string" and (test("[\\p{Cc}\ufffd]") | not);
def segments: . != "" and
  (split("/") | all(. != "" and . != "." and . != ".."));
def count($max): type == "number" and . == floor and . >= 0 and . <= $max;
def one_of($values): . as $value | any($values[]; . == $value);'

kPlaceWord='def place: text and utf8bytelength <= 255 and segments
  and test("\\A[A-Za-z0-9._+@:,=/-]+\\z") and (startswith("-") | not);'

# Member -> check of its value, with these words.
# shellcheck disable=SC2016
declare -A kChecks=(
  [application]='text and test("\\A[a-z][a-z0-9-]{0,24}\\z")'
  [kind]='one_of(["svn", "git"])'
  [repository]='text and utf8bytelength <= 1024'
  [path]='text and length <= 255 and segments
    and (startswith("-") | not) and (test("[@\\\\]") | not)
    and ($request.kind != "git" or (
      (test("[ ~^:?*\\[]|\\.\\.|\\.lock(/|\\z)|(\\A|/)\\.") | not)
      and (endswith(".") | not)))'
  [revision]='if $request.kind == "git" or
      ($request | has("kind") | not) and (tostring | length) == 40
    then text and test("\\A[0-9a-f]{40}\\z")
    else (tostring | test("\\A(0|[1-9][0-9]{0,9})\\z")) and
      (type == "string" or type == "number") end'
  [set]='one_of(["switch", "prepare"])'
  [tar_bytes]='count(16777216)'
  [files]="$kPlaceWord"'
    def file: type == "object" and keys == ["mode", "path"]
      and (.path | place) and (.mode | text and test("\\A0[0-7]{3}\\z"));
    type == "array" and length >= 1 and length <= 200 and all(file)
      and ((map(.path) | unique | length) == length)'
  [paths]="$kPlaceWord"'
    type == "array" and length >= 1 and length <= 200 and all(place)
      and (unique | length) == length'
  [where]='one_of(["idle", "current"])'
  [slot]='one_of(["a", "b", null])'
  [job]='count(999999999999999) and . > 0'
  [commit]='one_of(["report", true, false])'
  [offset]='count(999999999999999)'
)

# request_program: sets $request_program to the checks for $verb only, because
# jq is slow to parse more.
request_program() {
  local entry member known='' print
  request_program=
  for entry in ${kMembers[$verb]}; do
    member=${entry%'?'}
    known+=${known:+, }\"$member\"
    print="\"$member \\(.)\""
    case $member in
      files) print='.[] | "file \(.mode) \(.path)"' ;;
      paths) print='.[] | "read \(.)"' ;;
      path) print+=', "encoded \(split("/") | map(@uri) | join("/"))"' ;;
    esac
    request_program+=",
    if has(\"$member\") then .$member |
      if (${kChecks[$member]}) then $print
      else error(\"$member is not valid\") end
    else "
    if [[ $entry == *'?' ]]; then
      request_program+='empty end'
    else
      request_program+="error(\"$member is missing\") end"
    fi
  done
  request_program="$kRequestWords
    if length != 1 or (.[0] | type != \"object\")
    then error(\"the request must be one JSON object\") else .[0] end
    | . as \$request | (keys - [$known]) as \$unknown
    | if \$unknown != []
      then error(\"unknown member \\(\$unknown[0][0:40] | tojson)\")
      else . end
    | ${request_program#,}"
}

# read_request: sets $line, as UTF-8; config.bash checks it.
read_request() {
  read_line
  [[ $line =~ ^[\ -~]*$ ]] ||
    iconv -f UTF-8 -t UTF-8 <<<"$line" >/dev/null 2>&1 ||
    refuse 'the request is not valid UTF-8'
}

# check_request: checks only the request.
check_request() {
  local -a entries
  mapfile -t entries < <(jq -rs "
    try ($request_program) catch \"! \\(.)\"" <<<"$line" 2>/dev/null ||
    echo '! the request is not valid JSON')
  take_request "${entries[@]}"
}

# take_request ENTRY...: the program's output; sets the globals, or refuses.
take_request() {
  local entry
  for entry in "$@"; do
    case $entry in
      '! '*) refuse "${entry#'! '}" ;;
      'read '*) read_paths+=("${entry#read }") ;;
      'file '*) staged_files+=("${entry#file }") ;;
      *) argument[${entry%% *}]=${entry#* } ;;
    esac
  done
  application=${argument[application]-}
  [[ $application ]] || refuse 'the request is not valid JSON'
}
