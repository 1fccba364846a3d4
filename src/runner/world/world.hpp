// SPDX-License-Identifier: GPL-2.0-or-later
// What berthd knows, in memory: the servers with their holds and
// configurations, the jobs that are not done, what the hosts and clusters last
// said. Truth lies on disk (history, queue, active, receipts); the ledger
// brings both forward together, disk first. decide() and the bodies of the
// API only read it, so that they can be tested as tables.
//
// `changes` collects what readers have not been told yet; the publisher takes
// it away.
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
  std::string state = "unknown"; // libvirt's words
  bool fresh = false;
  std::string stale_reason;      // why not fresh
  Instant as_of = 0;
  DomainState domain;            // as its host last saw it
  // Two hosts have a domain of this name: which is meant nobody can know.
  std::string clash;
  std::optional<Hold> hold;
  std::optional<Configuration> configuration;
  json::value last_job;          // as GET /servers shows it, or null
  LastSwitch last_switch;
  std::int64_t history_seq = 0;  // of the newest line
  std::optional<Check> check;    // checks.hpp says of what it is
  Instant next_check = 0;        // not before
  std::string taken_over_by;     // a take-over waits for the job to settle
  bool faulty = false;           // its last build failed because of it
};

struct LiveJob {
  Job job;
  JobState state = JobState::queued;
  // The commit was granted, or may have been by a berthd that died: a cancel
  // comes too late.
  bool past_cancel = false;
  int crashes = 0;               // workers of it that died in this run
  std::string trouble;           // why it is unsettled
  std::vector<StepRecord> steps;
  std::optional<Waiting> waits;
};

struct Host {
  HostState seen;
  bool known = false;            // its watcher has published something
  bool fresh = false;
  std::string reason;            // why not fresh
};

// A job that is done, as the API shows it: text, because it never changes.
struct EndedJob {
  std::int64_t id = 0;
  std::string text;  // the job's body without its steps
};
inline constexpr std::size_t kEndedListed = 200;   // in jobs.json
// As job/N.json, by when they ended; of previews and checks as many besides, so
// that whoever asks for very many takes no build from sight.
inline constexpr std::size_t kEndedKept = 1000;

struct EndedBody {
  std::string text;  // with steps
  Instant at = 0;
  bool looks = false;  // only_looks()
};

struct Changes {
  std::set<std::string> servers;
  std::set<std::int64_t> jobs;
  // Of jobs that ended: written once, not kept.
  std::map<std::int64_t, EndedBody> ended;
  bool queue = false;            // a job came, started, ended or moved up
  bool queue_file = false;       // a step of a job in a short queue ended
  bool places = false;           // hosts, clusters, applications
  bool applications = false;     // these alone
  void all_of(const Job& job) {
    if (!job.server.empty()) servers.insert(job.server);
    jobs.insert(job.id);
    queue = true;
    if (job.kind == JobKind::refresh) applications = true;  // they show it
  }
};

// What a cluster has for a server, by its marker.
struct SeenLive {
  std::string cluster;
  LiveDatabase database;
};

// After a spare that came to nothing: when the next may be tried.
struct SpareTrouble {
  int failures = 0;
  Instant not_before = 0;
};

struct World {
  Config config;
  Instant now = 0;
  bool draining = false;
  bool disk_low = false;
  // False until every host has answered since the start or the last HUP, or
  // had the time to: which servers are free is not known yet.
  bool hosts_heard = true;
  std::int64_t last_number = 0;  // the last job number given out
  std::map<std::string, Server> servers;
  std::map<std::int64_t, LiveJob> jobs;
  std::map<std::string, Host> hosts;
  std::map<std::string, ClusterState> clusters;
  // By server, from all clusters; kept by take_cluster().
  std::map<std::string, std::vector<SeenLive>> live;
  // By server, the highest that its history tells of; also of servers that
  // no host lists now.
  std::map<std::string, std::int64_t> highest_job;
  // When a job last changed a cluster: older news from its tidy cannot know
  // of it. What was published before `since`, our start, is older as well.
  std::map<std::string, Instant> changed;
  Instant since = 0;
  // Why the last tidy of a cluster came to no good end.
  std::map<std::string, std::string> tidy_trouble;
  // By application.
  std::map<std::string, json::value> last_refresh;
  std::map<std::string, SpareTrouble> spare_trouble;
  Usual usual;
  Recent recent;                 // kept by the acceptor
  std::deque<EndedJob> ended;    // oldest first, kEndedListed of them
  Changes changes;

  const Server* server(const std::string& name) const;
  // Jobs on a server that are not done, by number; without those that only
  // look.
  std::vector<const LiveJob*> jobs_on(const std::string& name) const;
  // The one that runs or is unsettled there, nullptr when none.
  const LiveJob* active_on(const std::string& name) const;
  // Running, fresh, without hold and without job.
  std::vector<std::string> free_servers() const;
  // Its news is younger than every change that we know of.
  bool seen_since_change(const std::string& cluster) const;
  // What tidy published about a cluster.
  void take_cluster(const std::string& name, ClusterState state);
  // Takes the domains of all hosts into `servers`.
  void merge_hosts();
};

// The hold of a build that takes a free server.
Hold hold_of_build(const Job& job, Instant now, const Config& config);

// The newest base of an application that is ready; nullptr: none.
const Generation* newest_of(const ClusterState& cluster,
                            const std::string& application);
// How many spares of that base there are.
int spares_of(const ClusterState& cluster, const Generation& base);

// The cluster whose databases a job changes; empty when it changes none.
std::string cluster_of(const Config& config, const Job& job);

}  // namespace berth::runner
