# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034
# A small console as berthd would have published it: three servers, of which
# qa1 is held by bob and carries a build, qa3 is shut off; job 7 succeeded,
# job 8 failed, job 9 runs. Needs console.bash.

bob_hold='{"user":"bob","since":"2026-11-22T08:00:00Z","until":"2099-11-22T16:00:00Z","note":"sprint 12","job":null,"release":"never"}'
shop_on_qa1='{"application":"shop","path":"branches/checkout","revision":"42","kind":"svn","slot":"b","database":{"cluster":"db1","name":"shop_qa1","oid":16400,"generation":"20261122024100","data_at":"2026-11-22T02:00:00Z"},"templates":"0123","user":"bob","note":"","job":7,"built_at":"2026-11-22T08:10:00Z","verified":true,"url":"http://qa1.example.com/"}'

undo_on_qa1='{"job":7,"user":"bob","until":"2099-11-22T21:00:00Z","configuration":{"application":"shop","path":"trunk","revision":"41","generation":"20261121024100","data_at":"2026-11-21T02:00:00Z"},"keep_until":"2099-11-29T21:00:00Z"}'

server_json() { # NAME STATE HOLD CONFIGURATION UNDO
  printf '{"name":"%s","host":"kvm1","state":"%s","fresh":true,"state_as_of":"2026-11-22T20:00:00Z","stale_reason":null,"addresses":["192.0.2.1"],"hold":%s,"configuration":%s,"job":null,"last_job":null,"undo":%s' "$@"
}

job_json() { # ID STATE DETAIL
  printf '{"id":%s,"kind":"build","state":"%s","server":"qa1","application":"shop","user":"bob","arguments":{"application":"shop","path":"trunk","revision":"","database":"none","checkout":true,"note":"","release":"never"},"revision":"42","created_at":"2026-11-22T08:00:00Z","started_at":"2026-11-22T08:00:01Z","finished_at":null,"expected_end":null,"duration_ms":null,"steps":[{"name":"preflight","state":"done","started_at":"2026-11-22T08:00:01Z","ms":12,"done":null,"total":null,"unit":null,"message":null,"usual_ms":10}],"waits_for":null,"failed_step":null,"detail":%s,"cancellable":false,"url":"http://qa1.example.com/","configuration":null}' "$@"
}

publish_all() {
  local qa1 qa2 qa3 id
  qa1=$(server_json qa1 running "$bob_hold" "$shop_on_qa1" "$undo_on_qa1")
  qa2=$(server_json qa2 running null null null)
  qa3=$(server_json qa3 'shut off' null null null)
  echo "{\"as_of\":\"2026-11-22T20:00:00Z\",\"servers\":[$qa1},$qa2},$qa3}]}" |
    state servers.json
  echo "$qa1,\"as_of\":\"2026-11-22T20:00:00Z\"}" | state server/qa1.json
  echo "$qa2,\"no_undo\":\"qa2 has no configuration\",\"as_of\":\"2026-11-22T20:00:00Z\"}" | state server/qa2.json
  echo "$qa3,\"as_of\":\"2026-11-22T20:00:00Z\"}" | state server/qa3.json
  job_json 7 succeeded '"built"' | state job/7.json
  job_json 8 failed '"the path has no such revision"' | state job/8.json
  job_json 9 running null | state job/9.json
  {
    printf '{"as_of":"2026-11-22T20:00:00Z","jobs":['
    for id in '9 running null' '8 failed "no"' '7 succeeded "built"'; do
      # shellcheck disable=SC2086
      job_json $id
      [ "${id%% *}" = 7 ] || printf ,
    done
    printf ']}'
  } | state jobs.json
  echo '{"as_of":"2026-11-22T20:00:00Z","jobs":[]}' | state queue.json
  echo '{"as_of":"2026-11-22T20:00:00Z","hosts":[{"name":"kvm1","uri":"test:///default","connected":true,"fresh":true,"as_of":"2026-11-22T20:00:00Z","reason":null,"servers":3,"skipped":[{"domain":"qa 1","reason":"not a server name"}],"problems":["domain qa1: snapshot x: no time"]}]}' | state hosts.json
  echo '{"as_of":"2026-11-22T20:00:00Z","clusters":[{"name":"db1","reachable":true,"fresh":true,"as_of":"2026-11-22T20:00:00Z","reason":null,"version":"15.8","free_bytes":1,"bases":1,"spares":[{"application":"shop","generation":"20261122024100","ready":2}],"former":1,"trash":1,"orphans":[{"kind":"database","name":"berth_00000000_b_shop_20200101000000","reason":"it has no marker","size":7000000}],"problems":["orphan berth_00000000_b_shop_20200101000000"]}]}' | state clusters.json
  echo '{"as_of":"2026-11-22T20:00:00Z","applications":[{"name":"shop","kind":"svn","repository":"svn://127.0.0.1:1/shop","cluster":"db1","database":"shop_{server}","servers":["qa*"],"url":"http://{server}.example.com/","bases":[{"generation":"20261122024100","published_at":"2026-11-22T02:41:00Z","data_at":"2026-11-22T02:00:00Z","size":1000,"database":"berth_00000000_b_shop_20261122024100"}],"spares":2,"spares_wanted":3,"generations_kept":2,"data_at":"2026-11-22T02:00:00Z","last_refresh":{"job":6,"outcome":"failed","at":"2026-11-22T03:00:00Z","user":"root","failed_step":"assert","detail":"20-emails.assert.sql: 3 rows","generation":null,"committed":false},"refresh":null,"can_refresh":true,"fresh":true,"stale_reason":null,"usual_ms":null,"usual":{}}]}' | state applications.json
  {
    printf '{"application":"shop","as_of":"2026-11-22T20:00:00Z","paths":['
    printf '{"path":"trunk","revision":"42","at":null,"author":"bob"}'
    for id in $(seq 1 300); do
      printf ',{"path":"branches/b%s","revision":"%s","at":null,"author":"bob"}' "$id" "$id"
    done
    printf '],"truncated":false}'
  } | state applications/shop.paths.json
  printf 'checkout: 10 files\nSchöne Grüße\n' >"$tree/log/berth/9.log"
  printf 'done \xe2\x82' >"$tree/log/berth/7.log"
  {
    echo '{"version":1,"server":"qa1"}'
    for id in $(seq 1 60); do
      printf '{"seq":%s,"at":"2026-11-22T08:00:00Z","event":"reserved","user":"bob","detail":"","cause":{"token":"%032x"},"hold":%s,"configuration":null}\n' "$id" "$id" "$bob_hold"
    done
  } >"$tree/lib/history/qa1.jsonl"
  {
    echo '{"version":1,"server":"shop"}'
    printf '{"seq":1,"at":"2026-11-21T03:00:00Z","event":"refreshed","user":"root","detail":"20261121024100, dump of 2026-11-21T02:00:00Z","cause":{"job":5},"hold":null,"configuration":null,"job":{"id":5,"failed_step":null}}\n'
    printf '{"seq":2,"at":"2026-11-22T03:00:00Z","event":"refresh_failed","user":"root","detail":"20-emails.assert.sql: 3 rows","cause":{"job":6},"hold":null,"configuration":null,"job":{"id":6,"failed_step":"assert"}}\n'
  } >"$tree/lib/history/applications/shop.jsonl"
  chmod 0640 "$tree"/lib/history/qa1.jsonl "$tree"/log/berth/*.log \
    "$tree"/lib/history/applications/shop.jsonl
}

# A heartbeat as of now, from a process that lives (or not): PID.
beat() {
  local pid=${1:-$$}
  printf '{"as_of":"%s","runner":"up","detail":null,"version":"0.1.0","draining":false,"pid":%s,"start_time":%s}' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$pid" \
    "$(cut -d' ' -f22 "/proc/$pid/stat" 2>/dev/null || echo 1)" |
    state health.json
}

# A stand-in for berthd, for what this file's console cannot carry out: the
# next drop gets this receipt. Ends by itself; wait "$decider" for it. Its drop
# is kept as $tree/decided.json.
decide_next() { # STATUS DETAIL EXTRA-JSON
  rm -f "$tree/deciding"
  /usr/bin/python3 - "$tree" "$@" 3>&- <<'EOS' &
import grp, json, os, sys, time
tree, status, detail, extra = sys.argv[1:5]
folders = tree + "/spool/drop/", tree + "/spool/drop-root/"
receipts = tree + "/spool/receipts/"
open(tree + "/deciding", "w").close()
end = time.monotonic() + 20
while time.monotonic() < end:
    found = [(drops, n) for drops in folders for n in os.listdir(drops)
             if n.endswith(".json") and not n.startswith(".")]
    if found:
        break
    time.sleep(0.01)
drops, name = found[0]
drop = json.load(open(drops + name))
json.dump(drop, open(tree + "/decided.json", "w"))
accepted = int(status) < 300
with open(receipts + ".new", "w") as out:
    json.dump({"version": 1, "token": drop["token"], "user": drop["user"],
               "request": "", "outcome": "accepted" if accepted else "refused",
               "status": int(status), "detail": detail, "server": None,
               "job": 31 if accepted else None, "effects": [],
               "extra": json.loads(extra), "at": drop["at"]}, out)
os.chmod(receipts + ".new", 0o640)
os.rename(receipts + ".new", receipts + name)
os.unlink(drops + name)
EOS
  decider=$!
  wait_until 20 test -e "$tree/deciding"
}
# A member of the drop that was decided.
decided() { /usr/bin/python3 -c 'import json, sys
print(json.dumps(json.load(open(sys.argv[1]))[sys.argv[2]]))' \
  "$tree/decided.json" "$1"; }
