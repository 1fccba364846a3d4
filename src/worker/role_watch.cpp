// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/role_watch.hpp"

#include "worker/mask.hpp"
#include "worker/role_setting.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostChangesNamed = 5;
constexpr std::size_t kLongestShown = 200;
constexpr const char* kMember = "member";  // without ADMIN OPTION

std::string shown_value(const std::string& text) {
  return one_line(text, kLongestShown);
}

std::string membership(const Cluster& cluster, const std::string& role,
                       const std::string& member) {
  return cluster.quoted(role) + " TO " + cluster.quoted(member);
}

}  // namespace

std::string membership_key(const Cluster& cluster, const std::string& role,
                           const std::string& member) {
  return "member " + membership(cluster, role, member);
}

RoleWatch::RoleWatch(Cluster& cluster, const std::string& owner,
                     const std::string& login, std::string database)
    : RoleWatch(cluster, owner, login, RoleFacts(), {}) {
  database_ = std::move(database);
  before_ = look();
}

RoleWatch::RoleWatch(Cluster& cluster, const std::string& owner,
                     const std::string& login, RoleFacts before,
                     std::set<std::string> may_be_members)
    : cluster_(cluster),
      owner_(owner),
      login_(login),
      roles_({login}),
      before_(std::move(before)),
      may_be_members_(std::move(may_be_members)) {
  if (!owner.empty()) roles_.insert(owner);
}

void RoleWatch::look_at_attributes(RoleFacts& out) const {
  for (const std::string& role : roles_) {
    for (const Row& row : cluster_.sql().query(
             "SELECT concat_ws(' ', "
             "CASE WHEN rolsuper THEN '' ELSE 'NO' END || 'SUPERUSER', "
             "CASE WHEN rolinherit THEN '' ELSE 'NO' END || 'INHERIT', "
             "CASE WHEN rolcreaterole THEN '' ELSE 'NO' END || 'CREATEROLE', "
             "CASE WHEN rolcreatedb THEN '' ELSE 'NO' END || 'CREATEDB', "
             "CASE WHEN rolcanlogin THEN '' ELSE 'NO' END || 'LOGIN', "
             "CASE WHEN rolreplication THEN '' ELSE 'NO' END || 'REPLICATION', "
             "CASE WHEN rolbypassrls THEN '' ELSE 'NO' END || 'BYPASSRLS', "
             "'CONNECTION LIMIT ' || rolconnlimit, "
             "'VALID UNTIL ' || quote_literal(coalesce(rolvaliduntil::text, "
             "'infinity'))) FROM pg_roles WHERE rolname = $1",
             {role})) {
      RoleFact fact;
      fact.value = cell_text(row[0]);
      fact.shown = "role " + role + " has " + fact.value;
      fact.restore =
          "ALTER ROLE " + cluster_.quoted(role) + " " + fact.value;
      fact.remove = "DROP ROLE " + cluster_.quoted(role);
      fact.roles = {role};
      out["attributes of " + role] = fact;
    }
  }
}

void RoleWatch::look_at_settings(RoleFacts& out) const {
  const std::string& prefix = cluster_.names().prefix();
  for (const std::string& role : roles_) {
    for (const RoleSetting& setting : settings_of(cluster_, role)) {
      const std::string where = setting.database.value_or("");
      const bool may_differ = setting.database && where != database_ &&
                              role != login_ && !setting.here &&
                              (where.starts_with(prefix) ||
                               setting.in_its_own);
      if (may_differ) continue;
      RoleFact fact;
      fact.value = setting.value;
      fact.shown = "role " + role +
                   (setting.database ? " in database " + where : "") +
                   " has " + shown_value(setting.name) + " = " +
                   shown_value(fact.value);
      fact.restore = set_of(cluster_, setting);
      fact.remove = reset_of(cluster_, setting);
      fact.roles = {role};
      fact.database = where;
      out["setting: " + fact.remove] = fact;
    }
  }
}

void RoleWatch::look_at_members(RoleFacts& out) const {
  for (const std::string& role : roles_) {
    for (const Row& row : cluster_.sql().query(
             "SELECT r.rolname, m.rolname, bool_or(a.admin_option) "
             "FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid "
             "JOIN pg_roles m ON m.oid = a.member "
             "WHERE $1 IN (r.rolname, m.rolname) GROUP BY 1, 2",
             {role})) {
      const std::string group = cell_text(row[0]), member = cell_text(row[1]);
      const std::string pair = membership(cluster_, group, member);
      RoleFact fact;
      fact.value = cell_yes(row[2]) ? "admin" : kMember;
      fact.shown = "role " + member + " is a member of " + group +
                   (cell_yes(row[2]) ? " with ADMIN OPTION" : "");
      fact.restore =
          "GRANT " + pair + (cell_yes(row[2]) ? " WITH ADMIN OPTION" : "");
      fact.remove = "REVOKE " + cluster_.quoted(group) + " FROM " +
                    cluster_.quoted(member);
      fact.roles = {group, member};
      out[membership_key(cluster_, group, member)] = fact;
    }
  }
}

RoleFacts RoleWatch::look() const {
  RoleFacts out;
  look_at_attributes(out);
  look_at_settings(out);
  look_at_members(out);
  return out;
}

bool RoleWatch::has_ended(const RoleFact& fact) const {
  const auto missing = [&](const char* sql, const std::string& name) {
    return cluster_.sql().query(sql, {name}).empty();
  };
  for (const std::string& role : fact.roles) {
    if (missing("SELECT 1 FROM pg_roles WHERE rolname = $1", role)) return true;
  }
  return !fact.database.empty() &&
         missing("SELECT 1 FROM pg_database WHERE datname = $1",
                 fact.database);
}

std::vector<std::string> RoleWatch::changes() const {
  std::vector<std::string> out;
  const std::string undo = "; to undo it, run as a superuser: ";
  const RoleFacts now = look();
  for (const auto& [key, fact] : now) {
    const auto before = before_.find(key);
    if (before == before_.end()) {
      if (fact.value == kMember && may_be_members_.contains(key)) continue;
      out.push_back(fact.shown + " now" + undo + fact.remove);
    } else if (before->second.value != fact.value) {
      out.push_back(fact.shown + " now" + undo + before->second.restore);
    }
  }
  for (const auto& [key, fact] : before_) {
    if (now.contains(key) || has_ended(fact)) continue;
    out.push_back("no longer: " + fact.shown + undo + fact.restore);
  }
  return out;
}

std::string RoleWatch::sentence() const {
  const auto all = changes();
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < kMostChangesNamed; ++i) {
    out += (i > 0 ? "; " : "") + all[i];
  }
  if (all.size() > kMostChangesNamed) {
    out += "; and " + std::to_string(all.size() - kMostChangesNamed) + " more";
  }
  return out;
}

void RoleWatch::require_unchanged(const std::string& action) const {
  const std::string changed = sentence();
  if (changed.empty()) return;
  throw Error(action, database_,
              "a role was changed meanwhile, by SQL of the dump unless an "
              "administrator did it: " + changed +
                  "; docs/security.md says what else to do after a dump that "
                  "is not trusted");
}

}  // namespace berth::worker
