// SPDX-License-Identifier: GPL-2.0-or-later
// Determines what a role may do outside its own databases. SQL of a dump runs
// as the application's owner and as the role that logs in to restore it, so
// neither must be able, for example, to read and write files of the cluster's
// machine or to change roles. A role has the powers of every role that it is a
// member of, directly or not: it can SET ROLE to it, or grant itself the right
// to do so.
//
// A role can also drop and close the databases that it owns. Those of the owner
// itself are the application's. Of a role that it is a member of, and of a
// restore_user and the roles that it is a member of, only the databases that a
// server may have by the pattern are. A role that owns another application is
// refused even before it has any database.
//
// CREATEDB alone does not refuse an owner: some applications create databases
// in their tests. BYPASSRLS does not refuse a restore_user, whose scripts may
// need it (berth.conf(5)). Nor is an owner refused that two applications name;
// berthctl check and doctor report it.
#pragma once

#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

struct RolePowers {
  // "is a superuser", "is a member of blog, which owns database blog_base and 2
  // others"; the order is stable.
  std::vector<std::string> held;
  std::vector<std::string> sql;  // removes them; to be run as a superuser
  std::string advice;            // what else to do, where SQL is not enough
  bool createdb = false;         // of the role itself
};

// A role that does not exist has no powers. `config` defines to which
// application a database belongs.
RolePowers powers_of_owner(Cluster& cluster, const Config& config,
                           const std::string& owner);
// Without those of the owner, of which it is a member.
RolePowers powers_of_login(Cluster& cluster, const Config& config,
                           const std::string& restore_user,
                           const std::string& owner);

// "shop has CREATEROLE and is a member of pg_monitor".
std::string sentence_of(const std::string& role, const RolePowers& powers);
// "; run as a superuser: REVOKE ..." and the advice.
std::string remedy_of(const RolePowers& powers);

// Throws Error("refresh", "role ...", ...) for the first of the two roles that
// has powers, with all of them and the SQL that removes them. `restore_user`
// may be empty.
void require_no_powers(Cluster& cluster, const Config& config,
                       const std::string& owner,
                       const std::string& restore_user);

}  // namespace berth::worker
