// SPDX-License-Identifier: GPL-2.0-or-later
// A setting with which every session of a role begins (ALTER ROLE ... SET), or
// each of its sessions on one database. SQL of a dump can write those of the
// roles as which it runs, and anybody with a role's password can write that
// role's.
//
// A value can be taken from a row, so it is not shown to people. A name is one
// that the server knows: only a superuser can invent one.
// the server knows: only a superuser can make one up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

struct RoleSetting {
  std::string role;
  std::optional<std::string> database;  // nullopt: for all databases
  bool here = false;        // the database is the one in conninfo
  bool in_its_own = false;  // the database's owner is the role, or a role that
                            // it is a member of
  std::string name, value;
};

// Anybody with a role's password can write hundreds of settings for each
// database of the cluster. Only so many are read, and so many characters of a
// value.
constexpr std::size_t kMostRoleSettings = 1000;
constexpr std::size_t kLongestRoleSetting = 2000;

// Ordered: settings for all databases first, then for `database`, for the one
// in conninfo, for those of others, and last for the role's own and Berth's;
// then by name. Returns at most kMostRoleSettings + 1.
std::vector<RoleSetting> settings_of(Cluster& cluster, const std::string& role,
                                     const std::string& database = "");

// SQL for a superuser: "ALTER ROLE shop IN DATABASE shop_qa1 RESET work_mem",
// with quotes.
std::string reset_of(Cluster& cluster, const RoleSetting& setting);
// The same with SET, which restores it. It contains the value and must not be
// shown.
std::string set_of(Cluster& cluster, const RoleSetting& setting);

}  // namespace berth::worker
