// SPDX-License-Identifier: GPL-2.0-or-later
// What a scrub of a base's tables cannot reach: foreign tables, whose rows are
// on another server and are the same for every copy of the base; foreign
// servers, whose user mappings contain passwords, those of production if the
// dump is from there; and large objects, which are in no table of the
// application.
#pragma once

#include <string>
#include <vector>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Throws Error with the foreign tables that match no glob of `allowed`, which
// is compared with SCHEMA.NAME, or with the foreign servers that no allowed
// table needs. Logs what is kept, and the number of large objects.
void require_in_reach(Cluster& cluster, const std::string& database,
                      const std::vector<std::string>& allowed, Report& report);

}  // namespace berth::worker
