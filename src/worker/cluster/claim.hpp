// SPDX-License-Identifier: GPL-2.0-or-later
// A copy between its making and its swap. A spare waits owned by us and takes
// no connections, so nobody can have changed it since it was copied: a password
// of the application's role is on every guest. A build claims one - lock, look
// again, rename it to the build's own name and mark it with server and job, in
// one transaction - and from then on it is that build's and never a spare
// again: whatever becomes of the build, it goes live or to the trash.
//
// Then fit_out(): the application's role owns it; the admin's per-server SQL
// (claim/APP/NN-name.sql) runs, while nobody but us may connect, and where
// there is some, the materialized views are filled anew; then limits, settings
// and grants of the live database, and connections are allowed, for the build's
// prepare commands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/cluster/copy.hpp"
#include "worker/job/context.hpp"

namespace berth::worker {

// A finished copy that waits: marked so, named as its marker says, and ours. A
// comment alone proves nothing.
bool is_spare(const Cluster& cluster, const Database& database);
// Those that can be claimed for this generation.
std::vector<Database> spares_of(const std::vector<Database>& all,
                                const Cluster& cluster,
                                const std::string& application,
                                const std::string& generation);

struct ClaimOrder {
  std::string application;
  std::string generation;
  std::string name;    // the build's own, from here on
  std::string server;
  std::int64_t job = 0;
};

// nullopt: there is none to be had. `cluster` holds the lock on the new name.
std::optional<Database> claim_spare(Cluster& cluster, const ClaimOrder& order,
                                    Report& report);

// Throws whatever a script throws; the copy is then the trash's.
void fit_out(const Context& context, const Plan& plan, Cluster& cluster,
             const Database& copy, Report& report, Deadline deadline);

}  // namespace berth::worker
