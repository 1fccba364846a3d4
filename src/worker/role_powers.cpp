// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/role_powers.hpp"

#include <set>

#include "base/text.hpp"

namespace berth::worker {
namespace {

// An attribute that pg_roles has a column for, and its SQL name.
struct Attribute {
  const char* column;
  const char* name;
};
constexpr Attribute kReaching[] = {{"rolsuper", "SUPERUSER"},
                                   {"rolcreaterole", "CREATEROLE"},
                                   {"rolreplication", "REPLICATION"},
                                   {"rolbypassrls", "BYPASSRLS"}};

std::string words_for(const std::string& attribute) {
  return attribute == "SUPERUSER" ? "is a superuser" : "has " + attribute;
}

// Itself first, and all that `role` is a member of, but not what `through` is a
// member of, too: name, whether it is our own, and the attributes. PostgreSQL
// takes a superuser for everybody's member, which says nothing.
Rows reached_by(Cluster& cluster, const std::string& role,
                const std::string& through) {
  return cluster.sql().query(
      "SELECT o.rolname, o.rolname = current_user AND o.oid <> r.oid, "
      "o.rolsuper, o.rolcreaterole, o.rolreplication, o.rolbypassrls, "
      "o.rolcreatedb "
      "FROM pg_roles r JOIN pg_roles o ON o.oid = r.oid "
      "OR (NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER')) "
      "LEFT JOIN pg_roles t ON t.rolname = $2 "
      // Whoever owns the database that one is in is a pg_database_owner.
      "WHERE r.rolname = $1 AND o.rolname <> 'pg_database_owner' "
      "AND (o.oid = r.oid OR t.oid IS NULL OR (o.oid <> t.oid "
      "AND NOT pg_has_role(t.oid, o.oid, 'MEMBER'))) "
      "ORDER BY o.oid <> r.oid, o.rolname",
      {role, through});
}

// What was granted to `role` itself and makes it a member of `reached`.
Rows memberships_of(Cluster& cluster, const std::string& role,
                    const std::string& reached) {
  return cluster.sql().query(
      "SELECT DISTINCT g.rolname FROM pg_auth_members a "
      "JOIN pg_roles r ON r.oid = a.member JOIN pg_roles g ON g.oid = a.roleid "
      "JOIN pg_roles o ON o.rolname = $2 WHERE r.rolname = $1 "
      "AND (g.oid = o.oid OR (NOT g.rolsuper "
      "AND pg_has_role(g.oid, o.oid, 'MEMBER'))) ORDER BY 1",
      {role, reached});
}

RolePowers powers_of(Cluster& cluster, const std::string& role,
                     bool may_bypass, const std::string& through) {
  RolePowers out;
  std::string attributes;
  std::set<std::string> roles;
  for (const Row& row : reached_by(cluster, role, through)) {
    const std::string name = cell_text(row[0]);
    const bool itself = name == role;
    std::string has;
    for (std::size_t i = 0; i < std::size(kReaching); ++i) {
      const std::string attribute = kReaching[i].name;
      if (!cell_yes(row[2 + i]) || (may_bypass && attribute == "BYPASSRLS")) {
        continue;
      }
      if (itself) {
        attributes += " NO" + attribute;
        out.held.push_back(words_for(attribute));
      } else {
        has += (has.empty() ? "" : " and ") + words_for(attribute);
      }
    }
    if (itself) {
      out.createdb = cell_yes(row[6]);
      continue;
    }
    const bool ours = cell_yes(row[1]);
    if (has.empty() && !ours && !name.starts_with("pg_")) continue;
    for (const Row& direct : memberships_of(cluster, role, name)) {
      roles.insert(cluster.quoted(cell_text(direct[0])));
    }
    out.held.push_back("is a member of " + name +
                       (ours ? ", Berth's own role"
                        : has.empty() ? ""
                                      : ", which " + has));
  }
  const std::string quoted = cluster.quoted(role);
  if (!attributes.empty()) {
    out.sql.push_back("ALTER ROLE " + quoted + attributes);
  }
  if (!roles.empty()) {
    out.sql.push_back("REVOKE " + join({roles.begin(), roles.end()}, ", ") +
                      " FROM " + quoted);
  }
  return out;
}

}  // namespace

RolePowers powers_of_owner(Cluster& cluster, const std::string& owner) {
  return powers_of(cluster, owner, false, "");
}

RolePowers powers_of_login(Cluster& cluster, const std::string& restore_user,
                           const std::string& owner) {
  return powers_of(cluster, restore_user, true, owner);
}

std::string sentence_of(const std::string& role, const RolePowers& powers) {
  return role + " " + join(powers.held, " and ");
}

void require_no_powers(Cluster& cluster, const std::string& owner,
                       const std::string& restore_user) {
  const auto require = [&](const std::string& role, const char* runs_as,
                           const RolePowers& powers) {
    if (powers.held.empty()) return;
    throw Error("refresh", "role " + role,
                "SQL of a dump runs as " + std::string(runs_as) + ", and " +
                    sentence_of(role, powers) +
                    ", which reaches beyond its own databases; run as a "
                    "superuser: " + join(powers.sql, "; "));
  };
  require(owner, "the owner", powers_of_owner(cluster, owner));
  if (!restore_user.empty()) {
    require(restore_user, "restore_user",
            powers_of_login(cluster, restore_user, owner));
  }
}

}  // namespace berth::worker
