// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/locked_database.hpp"

#include "worker/cluster/cutter.hpp"

namespace berth::worker {
namespace {

// A session that is starting is left out, because it shows no role yet. A mode
// that conflicts with RowExclusiveLock, held or waited for, keeps one waiting.
const std::string& statement() {
  static const std::string sql =
      "WITH held AS (SELECT l.pid, l.mode FROM pg_locks l JOIN pg_database d "
      "ON d.oid = l.objid WHERE l.locktype = 'object' AND "
      "l.classid = 'pg_database'::regclass AND d.datname = $1) "
      "SELECT a.pid, pg_terminate_backend(a.pid) FROM pg_stat_activity a "
      "JOIN pg_roles r ON r.oid = a.usesysid "
      "WHERE a.pid IN (SELECT pid FROM held) AND r.rolname <> current_user "
      "AND r.rolname <> $2 AND EXISTS (SELECT 1 FROM held WHERE mode IN "
      "('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', "
      "'AccessExclusiveLock')) AND " + std::string(kMayBeEnded);
  return sql;
}

}  // namespace

void end_who_locks(Connection& sql, const std::string& database,
                   const std::string& spared) {
  sql.query(statement(), {database, spared});
}

void end_who_blocks(Connection& sql, int pid, const std::string& spared) {
  static const std::string statement =
      "SELECT a.pid, pg_terminate_backend(a.pid) "
      "FROM unnest(pg_blocking_pids($1)) b (pid) "
      "JOIN pg_stat_activity a ON a.pid = b.pid "
      "JOIN pg_roles r ON r.oid = a.usesysid WHERE r.rolname <> current_user "
      "AND r.rolname <> $2 AND " +
      std::string(kMayBeEnded);
  sql.query(statement, {std::to_string(pid), spared});
}

void end_who_locks_from_outside(const Conninfo& conninfo,
                                const std::string& application_name,
                                Link& link, const std::string& database) {
  for (const char* other : {"postgres", "template1", ""}) {
    if (other == database) continue;
    try {
      Connection sql("the cluster", conninfo, application_name, link, other, "",
                     {}, Connection::Locked::wait);
      if (sql.option("dbname") == database) continue;
      return end_who_locks(sql, database);
    } catch (const Error&) {
      // This one is locked too, or Berth may not connect to it: try the next.
    }
  }
}

}  // namespace berth::worker
