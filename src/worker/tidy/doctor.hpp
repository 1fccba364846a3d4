// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker doctor CLUSTER`: what is wrong or missing on a cluster, as the
// role berth meets it, with the SQL that mends it. Changes nothing; exits 0
// when it could ask. One line each on stdout:
//
//   ok TEXT
//   problem TEXT
//   sql STATEMENT      mends the problem above it; run as a superuser
//
// Orphans are not told here: tidy publishes them, and berthctl doctor tells
// them from there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "store/layout.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/pinned.hpp"

namespace berth::worker {

struct Finding {
  bool problem = false;
  std::string text;
  std::vector<std::string> sql;
};
using Findings = std::vector<Finding>;
Finding good(std::string text);
Finding bad(std::string text, std::vector<std::string> sql = {});

// `version` as PQserverVersion gives it: 150006 is 15.6.
Finding examine_version(int version);
// Superuser, CREATEDB, connection limit, pg_signal_backend, the owners.
Findings examine_role(Cluster& cluster, const Config& config);
// Of those who restore. Not for every minute: PostgreSQL logs each refusal.
Findings examine_logins(Cluster& cluster);
// Functions and settings that only superusers may use unless granted.
Findings examine_grants(Cluster& cluster);
// Conninfo's database, connections, clock, disk.
Findings examine_place(Cluster& cluster, const Config& config);
// Collations, and what no build could replace.
Findings examine_databases(Cluster& cluster, const Config& config);
// `pinned`: nullopt when nothing is pinned yet; `file` where that would be.
Finding examine_pin(Cluster& cluster, const std::optional<Pinned>& pinned,
                    const std::string& file);
// Other consoles with databases here; none: nothing.
Findings examine_neighbours(Cluster& cluster);

// All of them; one that fails is a finding itself.
Findings examine(Cluster& cluster, const Config& config, const Layout& layout);

int doctor_chore(const Config& config, const std::string& cluster);

}  // namespace berth::worker
