// SPDX-License-Identifier: GPL-2.0-or-later
// All that berthd knows, in memory: servers with their holds and
// configurations, the jobs that have not ended, and the last reports of hosts
// and clusters. The files on disk (history, queue, active, receipts) are
// authoritative; the ledger updates both, the disk first. decide() and the
// API's bodies only read the world, so they can be tested as tables.
//
// `changes` collects what has not been published yet; the publisher empties it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "model/configuration.hpp"
#include "model/hold.hpp"
#include "model/job.hpp"
#include "model/outcome.hpp"
#include "runner/world/last_switch.hpp"
#include "runner/world/recent.hpp"
#include "runner/world/schedule.hpp"
#include "runner/world/usual.hpp"
#include "store/check.hpp"
#include "store/cluster_state.hpp"
#include "store/host_state.hpp"
#include "store/steps.hpp"

namespace berth::runner {

struct Server {
  std::string host;              // empty: no host lists it now
  std::string state = "unknown"; // as libvirt names it
  bool fresh = false;
  std::string stale_reason;      // why not fresh
  Instant as_of = 0;
  DomainState domain;            // as its host last reported it
  // Not empty when two hosts have a domain of this name, and nobody can know
  // which one is meant.
  std::string clash;
  std::optional<Hold> hold;
  std::optional<Configuration> configuration;
  json::value last_job;          // as GET /servers shows it, or null
  LastSwitch last_switch;
  std::int64_t history_seq = 0;  // of the newest line
  std::optional<Check> check;    // checks.hpp says which configuration
  Instant next_check = 0;        // no check before this
  std::string taken_over_by;     // a take-over that waits for the job to settle
  bool faulty = false;           // its last build failed because of the server
};

struct LiveJob {
  Job job;
  JobState state = JobState::queued;
  // The commit was granted, or may have been granted by a previous berthd: a
  // cancel is refused.
  bool past_cancel = false;
  int crashes = 0;  // how often its worker crashed since berthd started
  std::string trouble;           // why it is unsettled
  std::vector<StepRecord> steps;
  std::optional<Waiting> waits;
};

struct Host {
  HostState seen;
  bool known = false;            // its watcher has published its state
  bool fresh = false;
  std::string reason;            // why not fresh
};

// An ended job as the API shows it: kept as text, because it never changes.
struct EndedJob {
  std::int64_t id = 0;
  std::string text;  // the job's body without its steps
};
inline constexpr std::size_t kEndedListed = 200;   // entries in jobs.json
// The number of files job/N.json, newest first. Previews and checks have a
// limit of their own of the same size, so that many of them displace no build.
inline constexpr std::size_t kEndedKept = 1000;

struct EndedBody {
  std::string text;  // with steps
  Instant at = 0;
  bool looks = false;  // only_looks()
};

struct Changes {
  std::set<std::string> servers;
  std::set<std::int64_t> jobs;
  // The bodies of jobs that ended: written once, not kept.
  std::map<std::int64_t, EndedBody> ended;
  bool queue = false;            // a job was queued, started, ended or moved up
  bool queue_file = false;       // a step of a job in a short queue ended
  bool places = false;           // hosts, clusters, applications
  bool applications = false;     // applications only
  void all_of(const Job& job) {
    if (!job.server.empty()) servers.insert(job.server);
    jobs.insert(job.id);
    queue = true;
    if (job.kind == JobKind::refresh) applications = true;  // they show it
  }
};

// A live database of a server, by its marker.
struct SeenLive {
  std::string cluster;
  LiveDatabase database;
};

// Failed attempts to make a spare, and when the next one may start.
struct SpareTrouble {
  int failures = 0;
  Instant not_before = 0;
};

struct World {
  Config config;
  Instant now = 0;
  bool draining = false;
  bool disk_low = false;
  // False until every host has reported since the start or the last HUP, or its
  // time to do so is over: until then the free servers are not known.
  bool hosts_heard = true;
  std::int64_t last_number = 0;  // the last job number given out
  std::map<std::string, Server> servers;
  std::map<std::int64_t, LiveJob> jobs;
  std::map<std::string, Host> hosts;
  std::map<std::string, ClusterState> clusters;
  // By server, from all clusters; updated by take_cluster().
  std::map<std::string, std::vector<SeenLive>> live;
  // By server, the highest job number in its history; also of servers that no
  // host lists now.
  std::map<std::string, std::int64_t> highest_job;
  // When a job last changed a cluster: a state that tidy published earlier does
  // not show the change. A state published before `since`, when this berthd
  // started, is out of date as well.
  std::map<std::string, Instant> changed;
  Instant since = 0;
  // Why the last tidy of a cluster failed.
  std::map<std::string, std::string> tidy_trouble;
  // By application.
  std::map<std::string, json::value> last_refresh;
  std::map<std::string, SpareTrouble> spare_trouble;
  Usual usual;
  Recent recent;                 // updated by the acceptor
  std::deque<EndedJob> ended;    // oldest first, kEndedListed of them
  Changes changes;

  const Server* server(const std::string& name) const;
  // The jobs of a server that have not ended, in order of number, except
  // previews and checks (only_looks()).
  std::vector<const LiveJob*> jobs_on(const std::string& name) const;
  // The running or unsettled job of a server; nullptr when there is none.
  const LiveJob* active_on(const std::string& name) const;
  // The server is running and fresh, and has no hold and no job.
  std::vector<std::string> free_servers() const;
  // The published state of the cluster is newer than every change known to us.
  bool seen_since_change(const std::string& cluster) const;
  // Takes over the state that tidy published of a cluster.
  void take_cluster(const std::string& name, ClusterState state);
  // Updates `servers` from the domains of all hosts.
  void merge_hosts();
};

// The hold of a build that takes a free server.
Hold hold_of_build(const Job& job, Instant now, const Config& config);

// The newest ready base of an application; nullptr when there is none.
const Generation* newest_of(const ClusterState& cluster,
                            const std::string& application);
// How many spares of that base there are.
int spares_of(const ClusterState& cluster, const Generation& base);

// The cluster whose databases a job changes; empty when it changes none.
std::string cluster_of(const Config& config, const Job& job);

}  // namespace berth::runner
