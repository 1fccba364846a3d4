// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/role_watch.hpp"

#include "worker/mask.hpp"
#include "worker/properties.hpp"

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
    : cluster_(cluster),
      login_(login),
      roles_({login}),
      database_(std::move(database)) {
  if (!owner.empty()) roles_.insert(owner);
  before_ = look();
}

void RoleWatch::look_at_attributes(Facts& out) const {
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
      Fact fact;
      fact.value = cell_text(row[0]);
      fact.shown = "role " + role + " has " + fact.value;
      fact.restore =
          "ALTER ROLE " + cluster_.quoted(role) + " " + fact.value;
      fact.remove = "DROP ROLE " + cluster_.quoted(role);
      out["attributes of " + role] = fact;
    }
  }
}

void RoleWatch::look_at_settings(Facts& out) const {
  for (const std::string& role : roles_) {
    for (const Row& row : cluster_.sql().query(
             "SELECT d.datname, split_part(c, '=', 1), "
             "substr(c, strpos(c, '=') + 1) "
             "FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c "
             "JOIN pg_roles r ON r.oid = s.setrole "
             "LEFT JOIN pg_database d ON d.oid = s.setdatabase "
             "WHERE r.rolname = $1 AND (s.setdatabase = 0 OR d.datname = $2 "
             "OR r.rolname = $4 OR d.datname = current_database() "
             "OR NOT (starts_with(d.datname::text, $3) "
             "OR pg_has_role(r.oid, d.datdba, 'USAGE')))",
             {role, database_, cluster_.names().prefix(), login_})) {
      const std::string name = cell_text(row[1]);
      const std::string where =
          row[0] ? " IN DATABASE " + cluster_.quoted(*row[0]) : "";
      const std::string alter =
          "ALTER ROLE " + cluster_.quoted(role) + where + " ";
      Fact fact;
      fact.value = cell_text(row[2]);
      fact.shown = "role " + role +
                   (row[0] ? " in database " + *row[0] : "") + " has " +
                   shown_value(name) + " = " + shown_value(fact.value);
      fact.restore = alter + set_clause(cluster_, name, fact.value);
      fact.remove = alter + "RESET " + setting_identifier(cluster_, name);
      out["setting of " + role + where + ": " + name] = fact;
    }
  }
}

void RoleWatch::look_at_members(Facts& out) const {
  for (const std::string& role : roles_) {
    for (const Row& row : cluster_.sql().query(
             "SELECT r.rolname, m.rolname, bool_or(a.admin_option) "
             "FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid "
             "JOIN pg_roles m ON m.oid = a.member "
             "WHERE $1 IN (r.rolname, m.rolname) GROUP BY 1, 2",
             {role})) {
      const std::string pair = cluster_.quoted(cell_text(row[0])) + " TO " +
                               cluster_.quoted(cell_text(row[1]));
      Fact fact;
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

RoleWatch::Facts RoleWatch::look() const {
  Facts out;
  look_at_attributes(out);
  look_at_settings(out);
  look_at_members(out);
  return out;
}

std::vector<std::string> RoleWatch::changes() const {
  std::vector<std::string> out;
  const std::string undo = "; to undo it, run as a superuser: ";
  const Facts now = look();
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

void RoleWatch::require_unchanged(const std::string& action) const {
  const auto all = changes();
  if (all.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < all.size() && i < kMostChangesNamed; ++i) {
    text += (i > 0 ? "; " : "") + all[i];
  }
  if (all.size() > kMostChangesNamed) {
    text += "; and " + std::to_string(all.size() - kMostChangesNamed) + " more";
  }
  throw Error(action, database_,
              "a role was changed meanwhile, by SQL of the dump unless an "
              "administrator did it: " + text +
                  "; docs/security.md says what else to do after a dump that "
                  "is not trusted");
}

}  // namespace berth::worker
