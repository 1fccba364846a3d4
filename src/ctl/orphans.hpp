// SPDX-License-Identifier: GPL-2.0-or-later
// What the last look at a cluster found of no use, as berthd published it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"

namespace berth::ctl {

struct OrphanFound {
  Instant as_of = 0;    // when the cluster was looked at
  std::string kind;     // "database" or "directory"
  std::string name;
  std::string told;     // its size and why it is an orphan
  std::string command;  // what an administrator types to be rid of it:
                        // to a shell, or SQL
};
// Empty when nothing was published of that cluster, too.
std::vector<OrphanFound> orphans_of(const Config& config,
                                    const std::string& cluster);

// What else was wrong when it was last looked at: a sentence each, printable.
std::vector<std::string> problems_of(const Config& config,
                                     const std::string& cluster);

// One line about a database: why it is an orphan, or that it is not known as
// one.
std::string what_is_known(const Config& config, const std::string& cluster,
                          const std::string& database);

}  // namespace berth::ctl
