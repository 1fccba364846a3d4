// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/prepared_transaction.hpp"

namespace berth::worker {

void require_none_left(Cluster& cluster, const std::string& database,
                       const std::string& action) {
  const auto left = cluster.obstacles(database);
  if (left.empty()) return;
  throw Error(action, "database " + database,
              "SQL of the dump or of a script has left there what the end of a "
              "session does not remove: " + sentence_of(left));
}

void roll_back_prepared(Cluster& cluster, const std::string& database) {
  const Rows rows = cluster.sql().query(
      "SELECT gid, owner::text FROM pg_prepared_xacts WHERE database = $1 "
      "ORDER BY prepared LIMIT 1000", {database});
  if (rows.empty()) return;
  // PostgreSQL ends one only from a connection to its database.
  Connection inside("database " + database, cluster.config(),
                    cluster.own_session(), cluster.link(), database);
  for (const Row& row : rows) {
    try {
      inside.run("SET ROLE " + inside.identifier(cell_text(row[1])));
      inside.run("ROLLBACK PREPARED " + inside.literal(cell_text(row[0])));
    } catch (const SqlError&) {
      // Another role's, or already ended: the rename reports what is left.
    }
  }
}

}  // namespace berth::worker
