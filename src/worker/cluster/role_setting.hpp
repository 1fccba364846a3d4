// SPDX-License-Identifier: GPL-2.0-or-later
// A setting that every session of a role begins with (ALTER ROLE ... SET), or
// each of its sessions on one database. SQL of a dump can write those of the
// roles that it runs as, and whoever has a role's password its own.
//
// A value can be one of a row: what is for people has none. A name is one that
// the server knows: only a superuser can make one up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

struct RoleSetting {
  std::string role;
  std::optional<std::string> database;  // nullopt: on all of them
  bool here = false;          // that is conninfo's
  bool in_its_own = false;    // its owner is the role, or one of which it is a
                              // member
  std::string name, value;
};

// Whoever has a role's password can write some hundred for each database of the
// cluster: the first so many are read, and of a value so many characters.
constexpr std::size_t kMostRoleSettings = 1000;
constexpr std::size_t kLongestRoleSetting = 2000;

// Those for all databases first, then those for `database`, for conninfo's, for
// those of others, and last for the role's own and Berth's; by name. As many as
// kMostRoleSettings and one more.
std::vector<RoleSetting> settings_of(Cluster& cluster, const std::string& role,
                                     const std::string& database = "");

// For a superuser: "ALTER ROLE shop IN DATABASE shop_qa1 RESET work_mem", with
// quotes.
std::string reset_of(Cluster& cluster, const RoleSetting& setting);
// The same with SET: makes it so again. It has the value: not for people.
std::string set_of(Cluster& cluster, const RoleSetting& setting);

}  // namespace berth::worker
