// SPDX-License-Identifier: GPL-2.0-or-later
// Detects changes of roles. SQL in a dump runs as a role, and a role can change
// what outlives the restored database: its own settings (ALTER ROLE ... SET),
// which apply to every later session, and, before PostgreSQL 15, its members.
// What can be observed of that is compared before and after:
//
//   RoleWatch watch(cluster, "shop", "shop_restore", loading);
//   ... pg_restore, scripts ...
//   watch.require_unchanged("restore");
//
// A setting of the owner is logged and refuses nothing: the owner's password is
// on every guest, so anybody there can write one, and it affects only sessions
// that log in as the owner, which Berth never does (SET ROLE applies no
// settings). If the owner is also the login role, it is an error like the rest.
//
// Neither the value of a setting nor a role's present limit is shown: SQL of
// the dump may have taken it from a row. `restore`, the statement that restores
// a setting, is only for the private log and APP.roles.json.
//
// Left out are settings for the owner in its own databases, in which a dump may
// do anything, and in other copies, which other jobs prepare. For the login
// role nothing is left out. It does not count as a difference that a fact ended
// together with its role or database: SQL of a dump cannot drop a role, and
// databases are the administrator's. Only a superuser can see a password;
// docs/security.md describes what to do after a dump that is not trusted.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// A property that can differ, and what to show and to run if it does.
struct RoleFact {
  std::string value;
  std::string shown;    // "role shop has search_path set", for people
  std::string restore;  // SQL that restores it
  std::string remove;   // SQL that removes it, if it did not exist before
  // The roles it is about. Empty for facts of an earlier version.
  std::vector<std::string> roles;
  std::string database;  // that it is about; empty: none
};
using RoleFacts = std::map<std::string, RoleFact>;

// Removes the values from a `shown` that an earlier version wrote.
std::string without_values(const std::string& key, const std::string& shown);

// A difference: what it is and how to undo it, for people; the statement that
// restores it, if people must not see it; and whether it stops the job.
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
  // `owner`: of the data; empty: not compared. `database`: the one being
  // filled, whose settings are compared too.
  RoleWatch(Cluster& cluster, const std::string& owner,
            const std::string& login, std::string database);
  // Compares with what an earlier one recorded (role_baseline.hpp).
  // `may_be_members`: membership_key()s that may have been added since, without
  // ADMIN OPTION. `logs_in`: the present login role, if it is another.
  RoleWatch(Cluster& cluster, const std::string& owner,
            const std::string& login, RoleFacts before,
            std::set<std::string> may_be_members,
            const std::string& logs_in);

  // One for each difference: "role shop_restore has search_path set now; to
  // undo it, run as a superuser: ALTER ROLE ...". Queries the cluster each
  // time.
  std::vector<RoleChange> changes() const;
  // The first few differences that stop the job; empty: none.
  std::string sentence() const;
  // Throws Error(action, database, ...) if there are any.
  void require_unchanged(const std::string& action) const;

  // Whether a difference in the fact of that key stops the job.
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
  std::set<std::string> log_in_;  // roles as which Berth logs in
  std::string database_;
  RoleFacts before_;
  std::set<std::string> may_be_members_;
};

}  // namespace berth::worker
