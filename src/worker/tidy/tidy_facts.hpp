// SPDX-License-Identifier: GPL-2.0-or-later
// What tidy must know beside the cluster, read from berth.conf and our own
// files: which jobs are not over and what they need, which servers there are.
//
// Read in this order, or an accepted undo could lose its database: first the
// clock, then the jobs. berthd accepts an undo only while its former database
// has 30 seconds left, so whatever is accepted after our look at the jobs has
// its time end after the clock that we go by.
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
#include "store/layout.hpp"

namespace berth::worker {

// Whether a job of that number is in active/ now: then hands off.
using IsActive = std::function<bool(std::int64_t job)>;

// Of jobs accepted, waiting and active.
struct Needs {
  std::set<std::int64_t> active;     // numbers of those a worker may have
  std::set<std::string> servers;     // an undo or a keep of theirs is not over
  std::set<std::pair<std::string, std::string>> generations;  // app, named
  std::set<std::string> bases;       // names, from the plans of active builds
  // Applications of active builds that have not said yet which base it is.
  std::set<std::string> choosing;
  bool refreshing = false;           // some refresh is active
  std::vector<std::string> unreadable;  // files of jobs, with what is wrong
};
// An accepted job is looked for in all places it can be in, in the order it
// goes through them, and those twice between which it goes to and fro.
Needs read_needs(const Layout& layout);

struct TidyFacts {
  Instant now = 0;  // before `needs` was read
  Config config;
  std::string cluster;
  Needs needs;
  // All that the hosts have; nullopt while a host was never seen.
  std::optional<std::set<std::string>> servers;
  std::optional<std::int64_t> free_bytes;  // under the cluster
};
TidyFacts read_facts(const Config& config, const std::string& cluster);

// nullptr unless the application is on that cluster by berth.conf.
const ApplicationConfig* application_on(const Config& config,
                                        const std::string& cluster,
                                        const std::string& application);

}  // namespace berth::worker
