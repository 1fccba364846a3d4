// SPDX-License-Identifier: GPL-2.0-or-later
// What happens to a copy between its creation and its swap. A spare is owned by
// Berth's role and accepts no connections, so nobody can have changed it since
// it was copied; this matters because the password of the application's role is
// on every guest. A build claims a spare in one transaction: it locks it,
// checks it again, renames it to the build's own name and marks it with server
// and job. From then on it belongs to that build and never becomes a spare
// again: whatever becomes of the build, it goes live or to the trash.
//
// Then fit_out() prepares it: the application's role becomes its owner; the
// administrator's SQL for the server (claim/APP/NN-name.sql) runs while nobody
// else may connect, and if there is any, the materialized views are filled
// again; limits, settings and grants of the live database are applied; and
// connections are allowed, for the build's prepare commands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/cluster/copy.hpp"
#include "worker/job/context.hpp"

namespace berth::worker {

// Whether this is a finished copy that waits for a build: marked as one, named
// as its marker says, and owned by Berth's role. A comment alone proves
// nothing.
bool is_spare(const Cluster& cluster, const Database& database);
// The spares that can be claimed for this generation.
std::vector<Database> spares_of(const std::vector<Database>& all,
                                const Cluster& cluster,
                                const std::string& application,
                                const std::string& generation);

struct ClaimOrder {
  std::string application;
  std::string generation;
  std::string name;    // the build's own; the copy gets this name
  std::string server;
  std::int64_t job = 0;
};

// nullopt: no spare can be claimed. `cluster` must hold the lock on the new
// name.
std::optional<Database> claim_spare(Cluster& cluster, const ClaimOrder& order,
                                    Report& report);

// Passes on what a script throws; the copy must then be put into the trash.
void fit_out(const Context& context, const Plan& plan, Cluster& cluster,
             const Database& copy, Report& report, Deadline deadline);

}  // namespace berth::worker
