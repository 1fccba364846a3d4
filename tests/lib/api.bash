# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Requests to the console at BERTH_URL: `api` takes the reply apart, `call_api`
# prints it.

# call_api PATH [CURL ARGUMENT...]: as the lab's user.
call_api() {
  curl -sS --max-time 90 -u "$BERTH_USER:$BERTH_PASSWORD" "${@:2}" \
    "$BERTH_URL/api/$1"
}

# until_json SECONDS PATH FILTER: until jq finds it true of what is read there.
# Five times as long as it says, as wait_until.
until_json() {
  local end=$((SECONDS + 5 * $1))
  until call_api "$2" | jq -e "$3" >/dev/null; do
    [ "$SECONDS" -lt "$end" ] || { call_api "$2"; return 1; }
    sleep 0.2
  done
}

job_state() { call_api "jobs/$1" | jq -r .state; }
job_has_ended() {
  call_api "jobs/$1" | jq -e '.finished_at != null' >/dev/null
}

# api METHOD PATH [CURL ARGUMENT...]: sets $status, $body and the headers
# file; as $who (default alice; empty: nobody).
api() {
  local method=$1 path=$2
  shift 2
  local login=()
  local user=${who-${BERTH_USER:-alice}}
  [ -z "$user" ] || login=(-u "$user:${password-${BERTH_PASSWORD:-$user}}")
  headers=$BATS_TEST_TMPDIR/headers
  # curl leaves an older file alone when there is no body.
  : >"$BATS_TEST_TMPDIR/body"
  status=$(curl -sS -m 20 --path-as-is -X "$method" "${login[@]}" \
    -D "$headers" -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}' \
    "$@" "$BERTH_URL/api$path") || return
  { body=$(<"$BATS_TEST_TMPDIR/body"); } 2>/dev/null
}

json() { # METHOD PATH BODY [CURL ARGUMENT...]
  printf %s "$3" >"$BATS_TEST_TMPDIR/sent"
  api "$1" "$2" -H 'Content-Type: application/json' \
    --data-binary @"$BATS_TEST_TMPDIR/sent" "${@:4}"
}

header() { # name in lower case: its value
  local line value=
  while IFS= read -r line; do
    [[ "${line,,}" != "$1:"* ]] || value=${line#*:}
  done <"$headers"
  value=${value# }
  printf %s "${value%$'\r'}"
}

# member EXPRESSION: of the JSON body ("['hold']['user']"); None when null.
member() {
  /usr/bin/python3 -c 'import json, sys
body = json.load(open(sys.argv[1]))
value = eval("body" + sys.argv[2])
print(json.dumps(value) if isinstance(value, (dict, list, bool)) else value)' \
    "$BATS_TEST_TMPDIR/body" "$1"
}

expect() { # STATUS
  [ "$status" = "$1" ] || {
    echo "status $status, expected $1" >&2
    cat "$headers" "$BATS_TEST_TMPDIR/body" >&2
    return 1
  }
}

# A problem document with this status, saying something about each word. In
# bash alone, because hundreds of these are asked.
expect_problem() { # STATUS WORD...
  local wanted=$1 word detail
  shift
  expect "$wanted" || return
  [ "$(header content-type)" = application/problem+json ] || {
    echo "content type $(header content-type)" >&2
    return 1
  }
  [[ "$body" =~ ^\{\"type\":\"about:blank\",\"title\":\"[^\"]+\",\"status\":$wanted,\"detail\":\"(.*)\" ]] || {
    echo "no problem document: $body" >&2
    return 1
  }
  detail=${BASH_REMATCH[1]}
  for word in "$@"; do
    [[ "$detail" == *"$word"* ]] || {
      echo "no '$word' in: $detail" >&2
      return 1
    }
  done
}
