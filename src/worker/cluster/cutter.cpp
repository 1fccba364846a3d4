// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/cutter.hpp"

#include <optional>

#include "step/mask.hpp"

namespace berth::worker {
namespace {

// For sessions of roles that Berth is not a member of, above all superusers,
// much is hidden, but not the role. Autovacuum has no role; a RENAME ends it on
// its own.
constexpr const char* kFrom =
    " FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid "
    "WHERE a.pid <> pg_backend_pid() AND (a.datid = $1 OR ";
// The owner's locks on the database itself. A lock on its row (GRANT) is seen
// when it blocks the session $2.
constexpr const char* kOwnersLocks =
    "(a.usesysid = (SELECT datdba FROM pg_database WHERE oid = $1) AND a.pid "
    "IN (SELECT pid FROM pg_locks WHERE locktype = 'object' AND granted AND "
    "classid = 'pg_database'::regclass AND objid = $1))) ";
constexpr const char* kHoldsUp =
    "(r.rolname <> current_user AND a.pid = ANY (pg_blocking_pids($2)))) ";
constexpr std::int64_t kCutEvery = 50;  // ms
constexpr const char* kWho =
    "r.rolname || ' from ' || coalesce(a.client_addr::text, "
    "CASE WHEN a.backend_type IS NULL THEN 'somewhere' ELSE 'this machine' "
    "END) || "
    "CASE WHEN a.backend_type <> 'client backend' THEN ', ' || a.backend_type "
    "ELSE '' END";
constexpr std::size_t kShownOfLine = 120;

// SELECTs one row per session: pid, description, `what`.
std::string sessions(const std::string& what, const std::string& condition) {
  std::string sql = "SELECT a.pid, ";
  sql.append(kWho).append(", ").append(what).append(kFrom);
  return sql.append(condition);
}

std::string may(const std::string& before, const std::string& behind) {
  std::string out = before;
  return out.append(kMayBeEnded).append(behind);
}

}  // namespace

Cutter::Cutter(Cluster& cluster)
    // The job's session name, so that a later worker ends what this one left.
    : second_("cluster " + cluster.config().name, cluster.config(),
              cluster.own_session(), cluster.link()),
      link_(cluster.link()),
      first_(std::to_string(cluster.sql().backend_pid())) {}

void Cutter::cut(std::int64_t oid) {
  const Rows rows = second_.query(
      sessions(may("CASE WHEN ", " THEN pg_terminate_backend(a.pid) END"),
               kHoldsUp),
      {std::to_string(oid), first_});
  for (const Row& row : rows) {
    if (!row[2] || !pids_.insert(row[0].value_or("")).second) continue;
    ended_.push_back(
        link_.mask().line(row[1].value_or(""), kShownOfLine));
  }
}

void run_cutting(Cluster& cluster, std::int64_t oid, const std::string& sql,
                 Deadline deadline) {
  std::optional<Cutter> cutter;  // created only when the statement has to wait
  cluster.sql().run_watched(
      sql, deadline,
      [&] {
        if (!cutter) cutter.emplace(cluster);
        cutter->cut(oid);
      },
      kCutEvery);
}

std::vector<Obstacle> not_to_be_cut(Cluster& cluster, std::int64_t oid) {
  const Rows rows = cluster.sql().query(
      sessions("r.rolsuper",
               may(std::string(kOwnersLocks) + "AND NOT (",
                   ") ORDER BY a.pid")),
      {std::to_string(oid)});
  std::vector<Obstacle> out;
  for (const Row& row : rows) {
    const std::string pid = row[0].value_or("");
    std::string text =
        cluster.link().mask().line(row[1].value_or(""), kShownOfLine) +
        " (pid " + pid + ") ";
    if (row[2] == Cell("t")) {
      text += "is a superuser's session, which " + cluster.role() +
              " must not end; close it, or run as a superuser: "
              "SELECT pg_terminate_backend(" + pid + ")";
    } else {
      text += "cannot be ended by " + cluster.role() +
              "; run GRANT pg_signal_backend TO " +
              cluster.quoted(cluster.role());
    }
    out.push_back({"session " + pid, text});
  }
  return out;
}

}  // namespace berth::worker
