// SPDX-License-Identifier: GPL-2.0-or-later
// Orphans that the last tidy found on a cluster, as berthd published them.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"

namespace berth::ctl {

struct OrphanFound {
  Instant as_of = 0;    // when the cluster was inspected
  std::string kind;     // "database" or "directory"
  std::string name;
  std::string description;  // its size and why it is an orphan
  // What an administrator types to remove it: a shell command, or SQL.
  std::string command;
};
// Empty also if nothing was published of that cluster.
std::vector<OrphanFound> orphans_of(const Config& config,
                                    const std::string& cluster);

// Other problems that the last tidy found: a printable sentence each.
std::vector<std::string> problems_of(const Config& config,
                                     const std::string& cluster);

// One line about a database: why it is an orphan, or that it is not known as
// one.
std::string what_is_known(const Config& config, const std::string& cluster,
                          const std::string& database);

}  // namespace berth::ctl
