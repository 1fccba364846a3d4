// SPDX-License-Identifier: GPL-2.0-or-later
// What a role may do outside of its own databases. SQL of a dump runs as the
// application's owner and as who logs in to restore it, so that neither may be
// able to: read and write files of the cluster's machine, or change roles, for
// example. A role counts as having what a role has that it is a member of,
// directly or not: it can SET ROLE to that, or grant itself that it can.
//
// A role can also drop and close the databases that it owns. The owner's own
// are the application's; of a role that it is a member of, and of a
// restore_user and its, only those that are some server's by the pattern. A
// role that is another application's owner is refused before it has any.
//
// CREATEDB alone is no reason to refuse an owner: some applications make
// databases for their tests. BYPASSRLS is none for a restore_user, whose
// scripts may need it (berth.conf(5)). Nor is an owner that two applications
// name: berthctl check and doctor report it.
#pragma once

#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

struct RolePowers {
  // "is a superuser", "is a member of blog, which owns database blog_base and 2
  // others", in an order that does not change.
  std::vector<std::string> held;
  std::vector<std::string> sql;  // takes them away; run as a superuser
  std::string advice;            // what else to do, where SQL does not do
  bool createdb = false;         // itself
};

// A role that is not there has none. `config` says whose the databases of the
// cluster are.
RolePowers powers_of_owner(Cluster& cluster, const Config& config,
                           const std::string& owner);
// Besides those of the owner, whose member it is.
RolePowers powers_of_login(Cluster& cluster, const Config& config,
                           const std::string& restore_user,
                           const std::string& owner);

// "shop has CREATEROLE and is a member of pg_monitor".
std::string sentence_of(const std::string& role, const RolePowers& powers);
// "; run as a superuser: REVOKE ...", and the advice.
std::string remedy_of(const RolePowers& powers);

// Throws Error("refresh", "role ...", ...) with all of the first of both that
// has any, and the SQL that takes them away. `restore_user` may be empty.
void require_no_powers(Cluster& cluster, const Config& config,
                       const std::string& owner,
                       const std::string& restore_user);

}  // namespace berth::worker
