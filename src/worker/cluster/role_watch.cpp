// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/role_watch.hpp"

#include "worker/cluster/role_setting.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostChangesNamed = 5;
constexpr const char* kMember = "member";  // without ADMIN OPTION
constexpr const char* kSetting = "setting: ";
constexpr const char* kAttributes = "attributes of ";
constexpr const char* kAsItWas =
    "set it to its former value, which this log does not show";

bool is_setting(const std::string& key) { return key.starts_with(kSetting); }

std::string membership(const Cluster& cluster, const std::string& role,
                       const std::string& member) {
  return cluster.quoted(role) + " TO " + cluster.quoted(member);
}

}  // namespace

std::string without_values(const std::string& key, const std::string& shown) {
  if (key.starts_with(kAttributes)) {
    return shown.substr(0, shown.find(" CONNECTION LIMIT "));
  }
  return is_setting(key) ? shown.substr(0, shown.find(" = ")) : shown;
}

std::string membership_key(const Cluster& cluster, const std::string& role,
                           const std::string& member) {
  return "member " + membership(cluster, role, member);
}

RoleWatch::RoleWatch(Cluster& cluster, const std::string& owner,
                     const std::string& login, std::string database)
    : RoleWatch(cluster, owner, login, RoleFacts(), {}, login) {
  database_ = std::move(database);
  before_ = look();
}

RoleWatch::RoleWatch(Cluster& cluster, const std::string& owner,
                     const std::string& login, RoleFacts before,
                     std::set<std::string> may_be_members,
                     const std::string& logs_in)
    : cluster_(cluster),
      owner_(owner),
      login_(login),
      roles_({login}),
      log_in_({login, logs_in, cluster.role()}),
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
             "CASE WHEN rolbypassrls THEN '' ELSE 'NO' END || 'BYPASSRLS'), "
             "concat_ws(' ', 'CONNECTION LIMIT ' || rolconnlimit, "
             "'VALID UNTIL ' || quote_literal(coalesce(rolvaliduntil::text, "
             "'infinity'))) FROM pg_roles WHERE rolname = $1",
             {role})) {
      RoleFact fact;
      fact.value = cell_text(row[0]) + " " + cell_text(row[1]);
      fact.shown = "role " + role + " has " + cell_text(row[0]) +
                   " and limits (CONNECTION LIMIT, VALID UNTIL)";
      fact.restore =
          "ALTER ROLE " + cluster_.quoted(role) + " " + fact.value;
      fact.remove = "DROP ROLE " + cluster_.quoted(role);
      fact.roles = {role};
      out[kAttributes + role] = fact;
    }
  }
}

void RoleWatch::look_at_settings(RoleFacts& out) const {
  const std::string& prefix = cluster_.names().prefix();
  for (const std::string& role : roles_) {
    std::size_t count = 0;
    for (const RoleSetting& setting :
         settings_of(cluster_, role, database_)) {
      const std::string where = setting.database.value_or("");
      const bool may_differ = setting.database && where != database_ &&
                              role != login_ && !setting.here &&
                              (where.starts_with(prefix) ||
                               setting.in_its_own);
      if (may_differ) continue;
      RoleFact fact;
      if (++count > kMostRoleSettings) {
        fact.shown = "role " + role + " has more than " +
                     std::to_string(kMostRoleSettings) +
                     " settings; the others are not compared";
        fact.remove = "ALTER ROLE " + cluster_.quoted(role) + " RESET ALL";
        fact.restore = kAsItWas;
        fact.roles = {role};
        out[kSetting + fact.remove] = fact;
        break;
      }
      fact.value = setting.value;
      fact.shown = "role " + role +
                   (setting.database ? " in database " + where : "") +
                   " has " + setting.name + " set";
      fact.restore = set_of(cluster_, setting);
      fact.remove = reset_of(cluster_, setting);
      fact.roles = {role};
      fact.database = where;
      out[kSetting + fact.remove] = fact;
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

bool RoleWatch::refuses(const std::string& key) const {
  const std::string of_owner =
      kSetting + ("ALTER ROLE " + cluster_.quoted(owner_) + " ");
  return log_in_.contains(owner_) || !key.starts_with(of_owner);
}

RoleChange RoleWatch::changed(const std::string& key, const std::string& what,
                              const std::string& undo,
                              const RoleFact* before) const {
  RoleChange out;
  out.refuses = refuses(key);
  out.text = what +
             (out.refuses ? "; to undo it, run as a superuser: "
                          : ", by SQL of the dump or by somebody with its "
                            "password; to undo it, run: ") +
             undo;
  if (before && is_setting(key)) out.in_full = before->restore;
  return out;
}

std::vector<RoleChange> RoleWatch::changes() const {
  std::vector<RoleChange> out;
  const RoleFacts now = look();
  for (const auto& [key, fact] : now) {
    const auto before = before_.find(key);
    if (before == before_.end()) {
      if (fact.value == kMember && may_be_members_.contains(key)) continue;
      out.push_back(changed(key, fact.shown + " now", fact.remove, nullptr));
    } else if (before->second.value == fact.value) {
      continue;
    } else if (is_setting(key)) {
      out.push_back(changed(key, fact.shown + " to another value now",
                            fact.remove + ", and " + kAsItWas,
                            &before->second));
    } else {
      out.push_back(changed(key, fact.shown + " now", before->second.restore,
                            &before->second));
    }
  }
  for (const auto& [key, fact] : before_) {
    if (now.contains(key) || has_ended(fact)) continue;
    out.push_back(changed(key, "no longer: " + fact.shown,
                          is_setting(key) ? kAsItWas : fact.restore, &fact));
  }
  return out;
}

std::string RoleWatch::sentence() const {
  std::string out;
  std::size_t count = 0;
  for (const RoleChange& change : changes()) {
    if (!change.refuses || ++count > kMostChangesNamed) continue;
    out += (count > 1 ? "; " : "") + change.text;
  }
  if (count > kMostChangesNamed) {
    out += "; and " + std::to_string(count - kMostChangesNamed) + " more";
  }
  return out;
}

void RoleWatch::require_unchanged(const std::string& action) const {
  const std::string changed = sentence();
  if (changed.empty()) return;
  throw Error(action, database_,
              "a role was changed meanwhile, by SQL of the dump unless an "
              "administrator did it: " + changed +
                  "; docs/security.md describes what else to do after a dump "
                  "that is not trusted");
}

}  // namespace berth::worker
