// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/out_of_reach.hpp"

#include <algorithm>

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

}  // namespace

void require_in_reach(Cluster& cluster, const std::string& database,
                      const std::vector<std::string>& allowed,
                      Report& report) {
  Connection sql("database " + database, cluster.config(),
                 cluster.own_session(), cluster.link(), database);
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
      report.log("foreign table " + shown + " is kept, with the rows there");
    } else if (++count <= kMostForeignNamed) {
      names += (names.empty() ? "" : ", ") + shown;
    }
  }
  if (count > kMostForeignNamed) names += " and others";
  if (count > 0) {
    throw Error("scrub", "foreign table " + names,
                "its rows are on another server, where no script of a refresh "
                "scrubs them; drop it in a script, or name it in "
                "foreign_tables");
  }
  const std::int64_t large = cell_number(
      sql.query("SELECT count(*) FROM pg_largeobject_metadata").at(0).at(0));
  if (large > 0) {
    report.log("the base has " + std::to_string(large) +
               " large objects, which no UPDATE of a table scrubs; "
               "lo_unlink() removes one");
  }
}

}  // namespace berth::worker
