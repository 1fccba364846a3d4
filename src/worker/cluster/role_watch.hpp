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
// A setting of the owner is logged and refuses nothing: the owner's password is
// on every guest, so that anybody there can write one, and it reaches only who
// logs in as the owner, which nothing of Berth's does (SET ROLE applies none).
// Where the owner is also who logs in, it is an error like the rest.
//
// No value of a setting is shown, nor a limit that a role has now: SQL of the
// dump may have taken it from a row. The statement that sets a setting as it
// was is `restore`, for the private log and APP.roles.json alone.
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

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// What can differ, and what is said and run where it does.
struct RoleFact {
  std::string value;
  std::string shown;    // "role shop has search_path set", for people
  std::string restore;  // makes it so again
  std::string remove;   // where it was not there
  // What it ends with. Not known of facts of an earlier version.
  std::vector<std::string> roles;
  std::string database;  // empty: no one
};
using RoleFacts = std::map<std::string, RoleFact>;

// What an earlier version wrote as `shown`, without the values that it had.
std::string without_values(const std::string& key, const std::string& shown);

// A difference. What it is and how to undo it, for people; the statement that
// makes it as it was, where that is not for them; whether nothing goes on.
struct RoleChange {
  std::string text;
  std::string in_full;  // may be empty
  bool refuses = true;
};

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
  // a member since, but without ADMIN OPTION: membership_key()s. `logs_in`: who
  // does today, where that is another.
  RoleWatch(Cluster& cluster, const std::string& owner,
            const std::string& login, RoleFacts before,
            std::set<std::string> may_be_members,
            const std::string& logs_in);

  // "role shop_restore has search_path set now; to undo it, run ALTER ROLE
  // ...", one for each difference. Looks each time.
  std::vector<RoleChange> changes() const;
  // The first few of those that refuse; empty: none.
  std::string sentence() const;
  // Throws Error(action, database, ...) with that.
  void require_unchanged(const std::string& action) const;

  // Whether a difference in the fact of that key does.
  bool refuses(const std::string& key) const;

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
  RoleChange changed(const std::string& key, const std::string& what,
                     const std::string& undo, const RoleFact* before) const;

  Cluster& cluster_;
  std::string owner_;
  std::string login_;
  std::set<std::string> roles_;
  std::set<std::string> log_in_;  // roles whose settings reach Berth
  std::string database_;
  RoleFacts before_;
  std::set<std::string> may_be_members_;
};

}  // namespace berth::worker
