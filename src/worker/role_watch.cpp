// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/role_watch.hpp"

#include "worker/mask.hpp"
#include "worker/role_setting.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostChangesNamed = 5;
constexpr std::size_t kLongestShown = 200;

std::string shown_value(const std::string& text) {
  return one_line(text, kLongestShown);
}

}  // namespace

RoleWatch::RoleWatch(Cluster& cluster, const std::string& owner,
                     const std::string& login, std::string database)
    : RoleWatch(cluster, owner, login, std::move(database), {}) {
  before_ = look();
}

RoleWatch::RoleWatch(Cluster& cluster, const std::string& owner,
                     const std::string& login, std::string database,
                     RoleFacts before)
    : cluster_(cluster),
      owner_(owner),
      login_(login),
      roles_({login}),
      database_(std::move(database)),
      before_(std::move(before)) {
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
      const std::string pair = cluster_.quoted(cell_text(row[0])) + " TO " +
                               cluster_.quoted(cell_text(row[1]));
      RoleFact fact;
      fact.value = cell_yes(row[2]) ? "admin" : "member";
      fact.shown = "role " + cell_text(row[1]) + " is a member of " +
                   cell_text(row[0]) +
                   (cell_yes(row[2]) ? " with ADMIN OPTION" : "");
      fact.restore =
          "GRANT " + pair + (cell_yes(row[2]) ? " WITH ADMIN OPTION" : "");
      fact.remove = "REVOKE " + cluster_.quoted(cell_text(row[0])) + " FROM " +
                    cluster_.quoted(cell_text(row[1]));
      out["member " + pair] = fact;
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

std::vector<std::string> RoleWatch::changes() const {
  std::vector<std::string> out;
  const std::string undo = "; to undo it, run as a superuser: ";
  const RoleFacts now = look();
  for (const auto& [key, fact] : now) {
    const auto before = before_.find(key);
    if (before == before_.end()) {
      out.push_back(fact.shown + " now" + undo + fact.remove);
    } else if (before->second.value != fact.value) {
      out.push_back(fact.shown + " now" + undo + before->second.restore);
    }
  }
  for (const auto& [key, fact] : before_) {
    if (now.contains(key)) continue;
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
