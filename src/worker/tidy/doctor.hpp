// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker doctor CLUSTER`: reports what is wrong or missing on a cluster
// for the role berth, with the SQL that fixes it. Changes nothing; exits 0 if
// the cluster could be queried. It prints one line each to stdout:
//
//   ok TEXT
//   problem TEXT
//   sql STATEMENT      fixes the problem above; to be run as a superuser
//
// Orphans are not reported here: tidy publishes them, and berthctl doctor
// prints the published ones.
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

// `version` is as returned by PQserverVersion: 150006 is 15.6.
Finding examine_version(int version);
// Checks superuser, CREATEDB, connection limit, pg_signal_backend, the owners.
Findings examine_role(Cluster& cluster, const Config& config);
// Checks the logins of restore users. Not for every minute, because PostgreSQL
// logs each refused login.
Findings examine_logins(Cluster& cluster);
// Checks functions and settings that only superusers may use unless granted.
Findings examine_grants(Cluster& cluster);
// Checks conninfo's database, connections, clock, disk.
Findings examine_place(Cluster& cluster, const Config& config);
// Checks collations, and what would keep a build from replacing a database.
Findings examine_databases(Cluster& cluster, const Config& config);
// `pinned`: nullopt when nothing is pinned yet; `file`: where it would be.
Finding examine_pin(Cluster& cluster, const std::optional<Pinned>& pinned,
                    const std::string& file);
// Reports another section of berth.conf for the same server; empty if there is
// none.
Findings examine_sections(Cluster& cluster, const Config& config);
// Reports other consoles with databases on this cluster; empty if there are
// none.
Findings examine_neighbours(Cluster& cluster);

// Runs all of them; one that fails becomes a finding itself.
Findings examine(Cluster& cluster, const Config& config, const Layout& layout);

int doctor_chore(const Config& config, const std::string& cluster);

}  // namespace berth::worker
