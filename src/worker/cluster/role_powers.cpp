// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/role_powers.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"

namespace berth::worker {
namespace {

// An attribute: its column in pg_roles and its name in SQL.
struct Attribute {
  const char* column;
  const char* name;
};
constexpr Attribute kReaching[] = {{"rolsuper", "SUPERUSER"},
                                   {"rolcreaterole", "CREATEROLE"},
                                   {"rolreplication", "REPLICATION"},
                                   {"rolbypassrls", "BYPASSRLS"}};

// The most ALTER DATABASE statements in one message; the next refresh lists the
// rest.
constexpr std::size_t kMostGivenAway = 10;

std::string words_for(const std::string& attribute) {
  return attribute == "SUPERUSER" ? "is a superuser" : "has " + attribute;
}

// The role itself first, then all that it is a member of, except what `through`
// is a member of as well: name, whether it is Berth's own, and the attributes.
// PostgreSQL treats a superuser as a member of every role, which means nothing
// here.
Rows reached_by(Cluster& cluster, const std::string& role,
                const std::string& through) {
  return cluster.sql().query(
      "SELECT o.rolname, o.rolname = current_user AND o.oid <> r.oid, "
      "o.rolsuper, o.rolcreaterole, o.rolreplication, o.rolbypassrls, "
      "o.rolcreatedb "
      "FROM pg_roles r JOIN pg_roles o ON o.oid = r.oid "
      "OR (NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER')) "
      "LEFT JOIN pg_roles t ON t.rolname = $2 "
      // The owner of the current database is a member of pg_database_owner.
      "WHERE r.rolname = $1 AND o.rolname <> 'pg_database_owner' "
      "AND (o.oid = r.oid OR t.oid IS NULL OR (o.oid <> t.oid "
      "AND NOT pg_has_role(t.oid, o.oid, 'MEMBER'))) "
      "ORDER BY o.oid <> r.oid, o.rolname",
      {role, through});
}

// The roles granted directly to `role` that make it a member of `reached`.
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

using Names = std::vector<std::string>;

// Whose powers are determined, and which are left out.
struct Reach {
  const Config& config;
  std::string role;
  std::string owner;    // of the application
  std::string through;  // what this role reaches is left out
  bool may_bypass = false;
};

// Databases of other applications that belong to `asked.role` or to a role that
// it reaches, by owner.
std::map<std::string, Names> databases_of_others(Cluster& cluster,
                                                 const Reach& asked) {
  const auto is_its = [&](const std::string& database) {
    bool out = false;
    for (const auto& [name, application] : asked.config.applications) {
      if (application.cluster != cluster.config().name ||
          !asked.config.may_have(application, database)) {
        continue;
      }
      // If patterns of two owners match, it may be the other's.
      if (application.owner != asked.owner) return false;
      out = true;
    }
    return out;
  };
  std::map<std::string, Names> out;
  for (const Row& row : cluster.sql().query(
           "SELECT o.rolname, d.datname FROM pg_database d "
           "JOIN pg_roles o ON o.oid = d.datdba "
           "JOIN pg_roles r ON r.rolname = $1 WHERE o.rolname <> $2 "
           "AND o.rolname <> current_user AND NOT o.rolsuper "
           "AND NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER') "
           "ORDER BY 1, 2",
           {asked.role, asked.owner})) {
    const std::string database = cell_text(row[1]);
    if (!is_its(database)) out[cell_text(row[0])].push_back(database);
  }
  return out;
}

// "owns database blog_qa1 and 2 others".
std::string owns(const Names& databases) {
  const std::size_t more = databases.size() - 1;
  return "owns database " + databases[0] +
         (more == 0   ? ""
          : more == 1 ? " and another"
                      : " and " + std::to_string(more) + " others");
}

// Owners of other applications on the cluster, as "is the owner of application
// blog".
std::map<std::string, std::string> other_owners(Cluster& cluster,
                                                const Reach& asked) {
  std::map<std::string, std::string> out;
  for (const auto& [name, application] : asked.config.applications) {
    if (application.cluster == cluster.config().name &&
        application.owner != asked.owner) {
      out.emplace(application.owner, "is the owner of application " + name);
    }
  }
  return out;
}

class Powers {
 public:
  Powers(Cluster& cluster, const Reach& asked)
      : cluster_(cluster),
        asked_(asked),
        databases_(databases_of_others(cluster, asked)),
        owners_(other_owners(cluster, asked)) {}

  RolePowers all() {
    for (const Row& row :
         reached_by(cluster_, asked_.role, asked_.through)) {
      if (cell_text(row[0]) == asked_.role) {
        itself(row);
      } else {
        member(row);
      }
    }
    if (!roles_.empty()) {
      out_.sql.push_back("REVOKE " +
                         join({roles_.begin(), roles_.end()}, ", ") + " FROM " +
                         cluster_.quoted(asked_.role));
    }
    return std::move(out_);
  }

 private:
  Names attributes(const Row& row) const {
    Names out;
    for (std::size_t i = 0; i < std::size(kReaching); ++i) {
      const std::string attribute = kReaching[i].name;
      if (!cell_yes(row[2 + i]) ||
          (asked_.may_bypass && attribute == "BYPASSRLS")) {
        continue;
      }
      out.push_back(attribute);
    }
    return out;
  }

  // Whether it is another application's owner; REVOKE cannot change that.
  bool of_another(const std::string& role, Names& has) {
    const auto found = owners_.find(role);
    if (found == owners_.end()) return false;
    has.push_back(found->second);
    out_.advice = "give each application an owner and a restore_user of its "
                  "own";
    return true;
  }

  void itself(const Row& row) {
    out_.createdb = cell_yes(row[6]);
    const std::string quoted = cluster_.quoted(asked_.role);
    std::string without;
    for (const std::string& attribute : attributes(row)) {
      without += " NO" + attribute;
      out_.held.push_back(words_for(attribute));
    }
    if (!without.empty()) {
      out_.sql.push_back("ALTER ROLE " + quoted + without);
    }
    const bool another = of_another(asked_.role, out_.held);
    const auto owned = databases_.find(asked_.role);
    if (owned == databases_.end()) return;
    out_.held.push_back(owns(owned->second));
    if (another) return;
    for (std::size_t i = 0; i < std::min(owned->second.size(), kMostGivenAway);
         ++i) {
      out_.sql.push_back("ALTER DATABASE " + cluster_.quoted(owned->second[i]) +
                         " OWNER TO CURRENT_USER");
    }
  }

  void member(const Row& row) {
    const std::string name = cell_text(row[0]);
    const bool ours = cell_yes(row[1]);
    Names has;
    for (const std::string& attribute : attributes(row)) {
      has.push_back(words_for(attribute));
    }
    if (!ours) of_another(name, has);
    const auto owned = databases_.find(name);
    if (owned != databases_.end()) has.push_back(owns(owned->second));
    if (has.empty() && !ours && !name.starts_with("pg_")) return;
    for (const Row& direct : memberships_of(cluster_, asked_.role, name)) {
      roles_.insert(cluster_.quoted(cell_text(direct[0])));
    }
    out_.held.push_back("is a member of " + name +
                        (ours          ? ", Berth's own role"
                         : has.empty() ? ""
                                       : ", which " + join(has, " and ")));
  }

  Cluster& cluster_;
  const Reach& asked_;
  const std::map<std::string, Names> databases_;
  const std::map<std::string, std::string> owners_;
  RolePowers out_;
  std::set<std::string> roles_;  // that it is a member of, quoted
};

}  // namespace

RolePowers powers_of_owner(Cluster& cluster, const Config& config,
                           const std::string& owner) {
  return Powers(cluster, {config, owner, owner, "", false}).all();
}

RolePowers powers_of_login(Cluster& cluster, const Config& config,
                           const std::string& restore_user,
                           const std::string& owner) {
  return Powers(cluster, {config, restore_user, owner, owner, true}).all();
}

std::string sentence_of(const std::string& role, const RolePowers& powers) {
  return role + " " + join(powers.held, " and ");
}

std::string remedy_of(const RolePowers& powers) {
  std::string out;
  if (!powers.sql.empty()) {
    out = "; run as a superuser: " + join(powers.sql, "; ");
  }
  if (!powers.advice.empty()) out += "; " + powers.advice;
  return out;
}

void require_no_powers(Cluster& cluster, const Config& config,
                       const std::string& owner,
                       const std::string& restore_user) {
  const auto require = [&](const std::string& role, const char* runs_as,
                           const RolePowers& powers) {
    if (powers.held.empty()) return;
    throw Error("refresh", "role " + role,
                "SQL of a dump runs as " + std::string(runs_as) + ", and " +
                    sentence_of(role, powers) +
                    ", which gives it access beyond its own databases" +
                    remedy_of(powers));
  };
  require(owner, "the owner", powers_of_owner(cluster, config, owner));
  if (!restore_user.empty()) {
    require(restore_user, "restore_user",
            powers_of_login(cluster, config, restore_user, owner));
  }
}

}  // namespace berth::worker
