// SPDX-License-Identifier: GPL-2.0-or-later
// The sessions on a database, and how to end them.
#include <algorithm>

#include "base/text.hpp"
#include "step/mask.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kEndSessions = 10 * 1000;
constexpr std::size_t kShownOfQuery = 60;

std::string session_id(std::int64_t pid) {
  return "session " + std::to_string(pid);
}

}  // namespace

std::vector<Obstacle> connected(const std::vector<Session>& sessions) {
  std::vector<Obstacle> out;
  for (const Session& session : sessions) {
    out.push_back({session_id(session.pid),
                   "in use by " + session.text});
  }
  return out;
}

std::vector<Session> Cluster::sessions(const std::string& database) {
  // For sessions of roles that Berth is not a member of, above all superusers,
  // backend_type is NULL but usename is not; autovacuum has no usename.
  const Rows rows = sql_.query(
      "SELECT pid, coalesce(usename, '?'), "
      "coalesce(client_addr::text, CASE WHEN backend_type IS NULL "
      "THEN 'somewhere' ELSE 'this machine' END), "
      "coalesce(backend_type, 'client backend') "
      "FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() "
      "AND coalesce(backend_type, usename, 'autovacuum worker') "
      "NOT IN ('autovacuum worker', 'autovacuum launcher', 'parallel worker') "
      "ORDER BY pid", {database});
  const auto shown = [&](const std::string& text) {
    return link_.mask().line(text, kShownOfQuery);
  };
  std::vector<Session> out;
  for (const Row& row : rows) {
    std::string who = cell_text(row[1]) + " from " + cell_text(row[2]);
    if (cell_text(row[3]) != "client backend") {
      who += ", " + shown(cell_text(row[3]));
    }
    out.push_back({cell_number(row[0]), who});
  }
  return out;
}

std::vector<Obstacle> Cluster::obstacles(const std::string& database) {
  std::vector<Obstacle> out;
  for (const Row& row : sql_.query(
           "SELECT gid, owner::text, date_trunc('second', prepared)::text, "
           "database::text FROM pg_prepared_xacts p WHERE database = $1 OR "
           "EXISTS (SELECT 1 FROM pg_database d JOIN pg_locks l "
           "ON l.objid = d.oid JOIN pg_locks own USING (virtualtransaction) "
           "WHERE d.datname = $1 AND l.locktype = 'object' AND "
           "l.classid = 'pg_database'::regclass AND l.pid IS NULL AND "
           "own.pid IS NULL AND own.transactionid = p.transaction) "
           "ORDER BY prepared LIMIT 100",
           {database})) {
    out.push_back({"transaction " + cell_text(row[0]),
                   "transaction '" +
                       link_.mask().line(cell_text(row[0]), kShownOfQuery) +
                       "' of " + cell_text(row[1]) +
                       " has been in the prepared state since " +
                       cell_text(row[2]) +
                       (row[3] == Cell(database) ? "" : " and locks it") +
                       "; run COMMIT PREPARED or ROLLBACK PREPARED, "
                       "connected to " + cell_text(row[3])});
  }
  for (const Row& row : sql_.query(
           "SELECT slot_name::text, active FROM pg_replication_slots "
           "WHERE database = $1 ORDER BY slot_name", {database})) {
    out.push_back({"slot " + cell_text(row[0]),
                   "logical replication slot " + cell_text(row[0]) +
                       (cell_yes(row[1]) ? " is active; stop its reader, "
                                           "then run "
                                         : " exists; run ") +
                       "SELECT pg_drop_replication_slot('" +
                       cell_text(row[0]) + "')"});
  }
  // These columns of pg_subscription, without the password, are readable.
  for (const Row& row : sql_.query(
           "SELECT s.subname::text FROM pg_subscription s "
           "JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 "
           "ORDER BY 1", {database})) {
    out.push_back({"subscription " + cell_text(row[0]),
                   "subscription " + cell_text(row[0]) +
                       " writes to it; run DROP SUBSCRIPTION, connected to " +
                       database});
  }
  return out;
}

std::vector<Session> Cluster::cut_sessions(const std::string& database) {
  std::vector<Session> cut;
  const Deadline deadline = Deadline::in_ms(kEndSessions);
  const Deadline passes = Deadline::in_ms(kPasses);
  // Repeated, because a session that was just connecting is seen only the next
  // time, and one that Berth may not end may end on its own.
  while (true) {
    const std::vector<Session> open = sessions(database);
    if (open.empty()) return cut;
    if (deadline.passed()) {
      const std::string more = sentence_of(obstacles(database));
      throw Error("end the sessions on", database,
                  open.front().text + " is still connected" +
                      (more.empty() ? "" : "; " + more));
    }
    for (const Session& session : open) {
      const bool seen = std::any_of(
          cut.begin(), cut.end(),
          [&](const Session& s) { return s.pid == session.pid; });
      if (!seen) cut.push_back(session);
      try {
        sql_.query("SELECT pg_terminate_backend($1)",
                   {std::to_string(session.pid)});
      } catch (const SqlError& e) {
        if (e.sqlstate() != "42501") throw;
        if (!passes.passed()) continue;
        throw Error("end the sessions on", database,
                    session.text + " (pid " + std::to_string(session.pid) +
                        ") cannot be ended: " + e.cause());
      }
    }
    link_.sleep(20);
  }
}

void Cluster::end_earlier_sessions() {
  const Deadline deadline = Deadline::in_s(60);
  while (true) {
    const Rows rows = sql_.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = $1 AND pid <> pg_backend_pid() "
        "AND (usename = current_user OR usename = ANY ($2::name[]))",
        {session_name_, "{" + join(config_.restore_users, ",") + "}"});
    if (rows.empty()) return;
    if (deadline.passed()) {
      throw Away("end", "an earlier session of this job",
                 "it is still running on cluster " + config_.name);
    }
    link_.sleep(100);
  }
}

}  // namespace berth::worker
