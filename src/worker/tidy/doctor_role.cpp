// SPDX-License-Identifier: GPL-2.0-or-later
// Examines Berth's role and its grants.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "worker/cluster/role_powers.hpp"
#include "worker/tidy/doctor.hpp"

namespace berth::worker {
namespace {

// The applications of each owner.
using Owners = std::map<std::string, std::vector<std::string>>;

Owners owners_on(const Cluster& cluster, const Config& config) {
  Owners out;
  for (const auto& [name, application] : config.applications) {
    if (application.cluster == cluster.config().name) {
      out[application.owner].push_back(name);
    }
  }
  return out;
}

std::string grant_role(Cluster& cluster, const std::string& role,
                       const std::string& to) {
  // Since 16 each grant defines how the membership may be used.
  return "GRANT " + cluster.quoted(role) + " TO " + cluster.quoted(to) +
         (cluster.sql().version() >= 160000 ? " WITH INHERIT TRUE, SET TRUE"
                                            : "");
}

std::string with_advice(const RolePowers& powers) {
  return powers.advice.empty() ? "" : "; " + powers.advice;
}

Finding examine_owner(Cluster& cluster, const Config& config,
                      const std::string& owner,
                      const std::vector<std::string>& applications) {
  const std::string who = cluster.role();
  const bool settable = cluster.sql().version() >= 160000;
  const Rows rows = cluster.sql().query(
      std::string("SELECT pg_has_role(oid, 'MEMBER'), "
                  "pg_has_role(oid, 'USAGE'), ") +
          (settable ? "pg_has_role(oid, 'SET')" : "true") +
          " FROM pg_roles WHERE rolname = $1",
      {owner});
  if (rows.empty()) {
    return bad(
        "role " + owner + ", the owner in berth.conf, does not exist",
        {"CREATE ROLE " + cluster.quoted(owner),
         grant_role(cluster, owner, who)});
  }
  const Row& row = rows[0];
  if (!cell_yes(row[0]) ||
      (settable && (!cell_yes(row[1]) || !cell_yes(row[2])))) {
    return bad(who + " is not a member of " + owner +
                   " with INHERIT and SET: it can neither make it the owner "
                   "of databases nor replace them",
               {grant_role(cluster, owner, who)});
  }
  if (!cell_yes(row[1])) {
    return bad(who + " is a member of " + owner +
                   ", but does not inherit its privileges",
               {"ALTER ROLE " + cluster.quoted(who) + " INHERIT"});
  }
  const RolePowers powers = powers_of_owner(cluster, config, owner);
  if (!powers.held.empty()) {
    return bad(sentence_of(owner, powers) +
                   ": SQL of a dump, which runs as the owner, has access "
                   "beyond its databases, and a refresh refuses it (nor can a "
                   "superuser's sessions be ended, which keeps a build from "
                   "switching)" + with_advice(powers),
               powers.sql);
  }
  return good(who + " is a member of " + owner +
              (applications.size() > 1
                   ? "; " + owner + " owns the databases of " +
                         join(applications, ", ") +
                         ", so SQL of a dump of one can drop those of the "
                         "others; give each application an owner of its own"
                   : "") +
              (powers.createdb
                   ? "; " + owner + " has CREATEDB, so SQL of a dump can "
                     "create databases; run ALTER ROLE " +
                         cluster.quoted(owner) +
                         " NOCREATEDB, unless the application needs it"
                   : ""));
}

// Tried here, because Berth logs in as this role at night or during a build.
std::string refused_login(Cluster& cluster, const std::string& user) {
  try {
    Connection("role " + user, cluster.config(),
               cluster.own_session(), cluster.link(), "", user);
  } catch (const NotLetIn& e) {
    // It may log in, but not to this database, which is Berth's own.
    if (e.sqlstate() != "42501") return e.cause();
  } catch (const Error& e) {
    return e.cause();
  }
  return "";
}

// SQL of a dump runs as this role, so it must have no powers but the owner's.
Finding examine_restore_user(Cluster& cluster, const Config& config,
                             const ApplicationConfig& of) {
  const std::string& user = of.restore_user;
  const std::string role = cluster.quoted(user), who = cluster.role();
  const std::string what = user + ", the restore_user of " + of.name + ", ";
  if (user == who) {
    return bad(what + "is Berth's own role; remove it or name another");
  }
  const Rows rows = cluster.sql().query(
      std::string("SELECT rolcanlogin, rolsuper OR rolcreatedb OR "
                  "rolcreaterole OR rolreplication, "
                  "coalesce((SELECT pg_has_role(r.oid, o.oid, '") +
          (cluster.sql().version() >= 160000 ? "SET" : "MEMBER") +
          "') FROM pg_roles o WHERE o.rolname = $2), false), "
          "pg_has_role(oid, 'USAGE'), coalesce((SELECT string_agg(o.rolname, "
          "', ' ORDER BY o.rolname) FROM pg_roles o WHERE o.oid <> r.oid AND "
          "o.rolname <> $2 AND pg_has_role(r.oid, o.oid, 'MEMBER')), '') "
          "FROM pg_roles r WHERE rolname = $1",
      {user, of.owner});
  if (rows.empty()) {
    return bad(what + "does not exist (also set a password for it)",
               {"CREATE ROLE " + role + " LOGIN",
                grant_role(cluster, of.owner, user),
                grant_role(cluster, user, who)});
  }
  const Row& row = rows[0];
  if (!cell_yes(row[0])) {
    return bad(what + "may not log in", {"ALTER ROLE " + role + " LOGIN"});
  }
  if (cell_yes(row[1])) {
    return bad(what + "has more privileges than a dump should have",
               {"ALTER ROLE " + role +
                " NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"});
  }
  if (!cell_yes(row[2])) {
    return bad(what + "is not a member of " + of.owner,
               {grant_role(cluster, of.owner, user)});
  }
  const RolePowers powers =
      powers_of_login(cluster, config, user, of.owner);
  if (!powers.held.empty()) {
    return bad(what + join(powers.held, " and ") +
                   ": SQL of a dump, which can change to it, has access beyond "
                   "the application's databases, and a refresh refuses it" +
                   with_advice(powers),
               powers.sql);
  }
  if (!cell_text(row[4]).empty()) {
    return bad(what + "can also change to " + cell_text(row[4]) +
               ", and so can a dump; REVOKE what makes it a member");
  }
  if (!cell_yes(row[3])) {
    return bad(who + " is not a member of " + user +
                   ": it may not end what a worker that died left running",
               {grant_role(cluster, user, who)});
  }
  return good(user + " restores " + of.name + ", and can change only to " +
              of.owner);
}

struct Asked {
  const char* functions;  // separated by "; "
  const char* without;    // the consequence if they are not granted
};

constexpr Asked kFunctions[] = {
    {"pg_control_system()",
     "the server cannot be identified: nothing is changed on it"},
    {"pg_ls_dir(text); pg_ls_dir(text, boolean, boolean)",
     "folders left by a crash, and the number of files of a base, are unknown"},
    {"pg_stat_file(text); pg_stat_file(text, boolean)",
     "the progress of large copies is unknown"},
};

std::vector<std::string> split_functions(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("; ", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 2;
  }
  return out;
}

}  // namespace

Findings examine_role(Cluster& cluster, const Config& config) {
  Findings out;
  const std::string who = cluster.role();
  const std::string alter = "ALTER ROLE " + cluster.quoted(who);
  const Row row =
      cluster.sql()
          .query(
              "SELECT rolsuper, rolcreatedb, pg_has_role('pg_signal_backend', "
              "'USAGE') FROM pg_roles WHERE rolname = current_user")
          .at(0);
  if (cell_yes(row[0])) {
    out.push_back(bad(who + " is a superuser, so PostgreSQL does not protect "
                            "the cluster from its mistakes",
                      {alter + " NOSUPERUSER"}));
  }
  if (!cell_yes(row[1])) {
    out.push_back(
        bad(who + " may not create databases", {alter + " CREATEDB"}));
  }
  if (!cell_yes(row[2])) {
    out.push_back(bad(who + " may not end the sessions on a database that "
                            "is replaced",
                      {grant_role(cluster, "pg_signal_backend", who)}));
  }
  if (out.empty()) {
    out.push_back(good("role " + who +
                       ": CREATEDB, not a superuser, "
                       "pg_signal_backend"));
  }
  for (const auto& [owner, applications] : owners_on(cluster, config)) {
    out.push_back(examine_owner(cluster, config, owner, applications));
  }
  for (const auto& [name, application] : config.applications) {
    if (application.cluster == cluster.config().name &&
        !application.restore_user.empty()) {
      out.push_back(examine_restore_user(cluster, config, application));
    }
  }
  return out;
}

Findings examine_logins(Cluster& cluster) {
  Findings out;
  for (const std::string& user : cluster.config().restore_users) {
    const std::string why = refused_login(cluster, user);
    if (!why.empty()) {
      out.push_back(bad(user + " cannot log in from here: " + why));
    }
  }
  return out;
}

Findings examine_grants(Cluster& cluster) {
  Findings out;
  const std::string to = " TO " + cluster.quoted(cluster.role());
  for (const Asked& asked : kFunctions) {
    std::string missing;
    for (const std::string& function : split_functions(asked.functions)) {
      const bool may = cell_yes(
          cluster.sql()
              .query("SELECT has_function_privilege($1, 'EXECUTE')", {function})
              .at(0)
              .at(0));
      if (!may) missing += (missing.empty() ? "" : ", ") + function;
    }
    if (missing.empty()) continue;
    out.push_back(bad("no EXECUTE on " + missing + ": " + asked.without,
                      {"GRANT EXECUTE ON FUNCTION " + missing + to}));
  }
  if (out.empty()) {
    out.push_back(
        good("EXECUTE on pg_control_system, pg_ls_dir and "
             "pg_stat_file"));
  }
  return out;
}

}  // namespace berth::worker
