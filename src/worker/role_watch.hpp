// SPDX-License-Identifier: GPL-2.0-or-later
// SQL in a dump runs as a role, and a role can change what outlives the
// database that is restored: its own settings (ALTER ROLE ... SET), for every
// session that it begins from then on, and before PostgreSQL 15 who is its
// member. What can be seen of that is compared before and after:
//
//   RoleWatch watch(cluster, "shop", "shop_restore", loading);
//   ... pg_restore, scripts ...
//   watch.require_unchanged("restore");
//
// Left out: settings for the owner in its own databases, where a dump may do
// what it likes, and in other copies, which other jobs fit out. Of who logs in
// nothing is left out.
// Nor is it a difference that a fact ended with a role or a database that it is
// about: SQL of a dump can drop no role, and a database is the administrator's.
// A password cannot be seen by a role that is no superuser: docs/security.md
// says what to do after a dump that is not trusted.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "worker/cluster.hpp"

namespace berth::worker {

// What can differ, and what is said and run where it does.
struct RoleFact {
  std::string value;
  std::string shown;    // "role shop has search_path = x"
  std::string restore;  // makes it so again
  std::string remove;   // where it was not there
  // What it ends with. Not known of facts of an earlier version.
  std::vector<std::string> roles;
  std::string database;  // empty: no one
};
using RoleFacts = std::map<std::string, RoleFact>;

// The key of the fact that `member` is a member of `role`.
std::string membership_key(const Cluster& cluster, const std::string& role,
                           const std::string& member);

class RoleWatch {
 public:
  // `owner`: of the data; empty: not compared. `database`: the one that is
  // filled; settings for it are compared too.
  RoleWatch(Cluster& cluster, const std::string& owner,
            const std::string& login, std::string database);
  // With what an earlier one saw when it began (role_baseline.hpp). Who may be
  // a member since, but without ADMIN OPTION: membership_key()s.
  RoleWatch(Cluster& cluster, const std::string& owner,
            const std::string& login, RoleFacts before,
            std::set<std::string> may_be_members);

  // "role shop_restore has search_path = evil now; run ALTER ROLE ...", one for
  // each difference. Looks each time.
  std::vector<std::string> changes() const;
  // The first few of them; empty: none.
  std::string sentence() const;
  // Throws Error(action, database, ...) with that.
  void require_unchanged(const std::string& action) const;

  const RoleFacts& before() const { return before_; }
  const Cluster& cluster() const { return cluster_; }
  const std::string& owner() const { return owner_; }
  const std::string& login() const { return login_; }

 private:
  RoleFacts look() const;
  void look_at_attributes(RoleFacts& out) const;
  void look_at_settings(RoleFacts& out) const;
  void look_at_members(RoleFacts& out) const;
  bool has_ended(const RoleFact& fact) const;

  Cluster& cluster_;
  std::string owner_;
  std::string login_;
  std::set<std::string> roles_;
  std::string database_;
  RoleFacts before_;
  std::set<std::string> may_be_members_;
};

}  // namespace berth::worker
