// SPDX-License-Identifier: GPL-2.0-or-later
// What the role is and what it was granted.
#include <algorithm>
#include <set>

#include "worker/doctor.hpp"

namespace berth::worker {
namespace {

std::set<std::string> owners_on(const Cluster& cluster, const Config& config) {
  std::set<std::string> out;
  for (const auto& [name, application] : config.applications) {
    if (application.cluster == cluster.config().name) {
      out.insert(application.owner);
    }
  }
  return out;
}

std::string grant_role(Cluster& cluster, const std::string& role) {
  // From 16 on each grant says itself what may be done with it.
  return "GRANT " + cluster.quoted(role) + " TO " +
         cluster.quoted(cluster.role()) +
         (cluster.sql().version() >= 160000 ? " WITH INHERIT TRUE, SET TRUE"
                                            : "");
}

Finding examine_owner(Cluster& cluster, const std::string& owner) {
  const std::string who = cluster.role();
  const bool settable = cluster.sql().version() >= 160000;
  const Rows rows = cluster.sql().query(
      std::string("SELECT rolsuper, pg_has_role(oid, 'MEMBER'), "
                  "pg_has_role(oid, 'USAGE'), ") +
          (settable ? "pg_has_role(oid, 'SET')" : "true") +
          " FROM pg_roles WHERE rolname = $1",
      {owner});
  if (rows.empty()) {
    return bad(
        "there is no role " + owner + ", the owner in berth.conf",
        {"CREATE ROLE " + cluster.quoted(owner), grant_role(cluster, owner)});
  }
  const Row& row = rows[0];
  if (!cell_yes(row[1]) ||
      (settable && (!cell_yes(row[2]) || !cell_yes(row[3])))) {
    return bad(who + " is no member of " + owner +
                   " with all it needs: it can neither give it databases "
                   "nor replace them",
               {grant_role(cluster, owner)});
  }
  if (!cell_yes(row[2])) {
    return bad(who + " is a member of " + owner +
                   ", but does not inherit "
                   "from it",
               {"ALTER ROLE " + cluster.quoted(who) + " INHERIT"});
  }
  if (cell_yes(row[0])) {
    return bad(owner +
                   " is a superuser: its sessions cannot be ended, and "
                   "one of them keeps a build from switching",
               {"ALTER ROLE " + cluster.quoted(owner) + " NOSUPERUSER"});
  }
  return good(who + " is a member of " + owner);
}

struct Asked {
  const char* functions;  // separated by "; "
  const char* without;    // what is not there without them
};

constexpr Asked kFunctions[] = {
    {"pg_control_system()",
     "which server it is cannot be asked: nothing is "
     "changed on it"},
    {"pg_ls_dir(text); pg_ls_dir(text, boolean, boolean)",
     "folders that a crash left are not seen, nor how many files a base has"},
    {"pg_stat_file(text); pg_stat_file(text, boolean)",
     "the progress of large copies is not seen"},
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
    out.push_back(bad(who + " is a superuser; PostgreSQL then refuses it "
                            "nothing, not even a mistake",
                      {alter + " NOSUPERUSER"}));
  }
  if (!cell_yes(row[1])) {
    out.push_back(
        bad(who + " may not create databases", {alter + " CREATEDB"}));
  }
  if (!cell_yes(row[2])) {
    out.push_back(bad(who + " may not end the sessions on a database that "
                            "is replaced",
                      {grant_role(cluster, "pg_signal_backend")}));
  }
  if (out.empty()) {
    out.push_back(good("role " + who +
                       ": CREATEDB, no superuser, "
                       "pg_signal_backend"));
  }
  for (const std::string& owner : owners_on(cluster, config)) {
    out.push_back(examine_owner(cluster, owner));
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
