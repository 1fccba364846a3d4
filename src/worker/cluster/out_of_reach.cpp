// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/out_of_reach.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostForeignNamed = 5;

bool is_allowed(const std::vector<std::string>& globs,
                const std::string& name) {
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) {
    return glob_match(glob, name);
  });
}

// Returns the servers of the allowed foreign tables.
std::set<std::string> require_no_foreign_table(
    Connection& sql, const std::vector<std::string>& allowed,
    Report& report) {
  std::set<std::string> out;
  std::string names;
  std::size_t count = 0;
  for (const Row& row : sql.query(
           "SELECT n.nspname || '.' || c.relname, s.srvname "
           "FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid "
           "JOIN pg_namespace n ON n.oid = c.relnamespace "
           "JOIN pg_foreign_server s ON s.oid = f.ftserver ORDER BY 1")) {
    const std::string shown =
        cell_text(row[0]) + " (server " + cell_text(row[1]) + ")";
    if (is_allowed(allowed, cell_text(row[0]))) {
      report.log("kept foreign table " + shown + "; its rows are not scrubbed");
      out.insert(cell_text(row[1]));
    } else if (++count <= kMostForeignNamed) {
      names += (names.empty() ? "" : ", ") + shown;
    }
  }
  if (count > kMostForeignNamed) names += " and others";
  if (count > 0) {
    throw Error("scrub", "foreign table " + names,
                "its rows are on another server, where no script of a refresh "
                "scrubs them; drop it in a script, or add it to "
                "foreign_tables");
  }
  return out;
}

// The server of an allowed table is kept, with the passwords that it needs.
void require_no_foreign_server(Connection& sql,
                               const std::set<std::string>& needed,
                               Report& report) {
  std::string names;
  for (const Row& row : sql.query(
           "SELECT s.srvname, (SELECT string_agg(m.usename, ', ' "
           "ORDER BY m.usename) FROM pg_user_mappings m WHERE m.srvid = s.oid) "
           "FROM pg_foreign_server s ORDER BY 1 LIMIT 1000")) {
    const std::string shown =
        cell_text(row[0]) +
        (row[1] ? " (user mappings for " + *row[1] + ")" : "");
    if (needed.contains(cell_text(row[0]))) {
      report.log("kept foreign server " + shown + " with its user mappings");
    } else {
      names += (names.empty() ? "" : ", ") + shown;
    }
  }
  if (names.empty()) return;
  throw Error("scrub", "foreign server " + names,
              "it connects to another system, and no table in foreign_tables "
              "needs it; the passwords of its user mappings would be in every "
              "copy; write DROP SERVER ... CASCADE in a script");
}

}  // namespace

void require_in_reach(Cluster& cluster, const std::string& database,
                      const std::vector<std::string>& allowed,
                      Report& report) {
  Connection sql("database " + database, cluster.config(),
                 cluster.own_session(), cluster.link(), database);
  require_no_foreign_server(
      sql, require_no_foreign_table(sql, allowed, report), report);
  const std::int64_t large = cell_number(
      sql.query("SELECT count(*) FROM pg_largeobject_metadata").at(0).at(0));
  if (large > 0) {
    report.log("the base has " + std::to_string(large) +
               " large objects, which no UPDATE of a table scrubs; "
               "lo_unlink() removes them");
  }
}

}  // namespace berth::worker
