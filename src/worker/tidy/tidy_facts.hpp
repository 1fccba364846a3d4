// SPDX-License-Identifier: GPL-2.0-or-later
// What tidy must know besides the cluster, from berth.conf and Berth's own
// files: which jobs are not over and what they need, and which servers exist.
//
// The order of reading matters, or an accepted undo could lose its database:
// first the clock, then the jobs. berthd accepts an undo only if its former
// database is kept for at least 30 more seconds, so the undo time of whatever
// is accepted after the jobs were read ends after `now`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "model/configuration.hpp"
#include "store/layout.hpp"

namespace berth::worker {

// Whether a job of that number is in active/ now; then its databases are left
// alone.
using IsActive = std::function<bool(std::int64_t job)>;

// What jobs need that are accepted, waiting or active.
struct Needs {
  std::set<std::int64_t> active;     // jobs that may have a worker
  std::set<std::string> servers;     // with an undo or keep that is not over
  std::set<std::pair<std::string, std::string>> generations;  // app, named
  std::set<std::string> bases;       // names, from the plans of active builds
  // Applications of active builds that have not chosen their base yet.
  std::set<std::string> choosing;
  bool refreshing = false;           // a refresh is active
  std::vector<std::string> unreadable;  // files of jobs, and their errors
};
// Looks for accepted jobs in all places in the order in which a job passes
// through them, and twice in those between which it can move both ways.
Needs read_needs(const Layout& layout);

// A database that a server uses: its configuration names it by name and OID.
// That is Berth's own word, where a marker is what the database's owner wrote.
struct InUse {
  std::string server;
  DatabaseOnServer database;
};
// Of all servers that have a history, those on the PostgreSQL server of section
// `cluster`, whatever the section is called in the configuration of a server:
// by the pinned system identifier. Where one is not pinned, they may be there.
std::vector<InUse> databases_in_use(const Layout& layout,
                                    const std::string& cluster);

struct TidyFacts {
  Instant now = 0;  // read before `needs`
  Config config;
  std::string cluster;
  Needs needs;
  // The servers of all hosts; nullopt while a host was never seen.
  std::optional<std::set<std::string>> servers;
  std::optional<std::int64_t> free_bytes;  // on the cluster's disk
  std::vector<InUse> in_use;

  // The server that uses it; nullptr: none of those that a host has.
  const InUse* user_of(const std::string& database, std::int64_t oid) const;
};
TidyFacts read_facts(const Config& config, const std::string& cluster);

// nullptr unless berth.conf assigns the application to that cluster.
const ApplicationConfig* application_on(const Config& config,
                                        const std::string& cluster,
                                        const std::string& application);

}  // namespace berth::worker
