// SPDX-License-Identifier: GPL-2.0-or-later
// What a scrub of a base's tables does not reach: foreign tables, whose rows
// are on another server, the same for every copy of the base; foreign servers,
// whose user mappings have passwords, production's where the dump is from
// there; and large objects, which are in no table of the application.
#pragma once

#include <string>
#include <vector>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Throws Error with the foreign tables that no glob of `allowed` meets, each
// compared as SCHEMA.NAME, or with the foreign servers that none of those that
// one meets needs. Logs what is kept, and how many large objects there are.
void require_in_reach(Cluster& cluster, const std::string& database,
                      const std::vector<std::string>& allowed, Report& report);

}  // namespace berth::worker
