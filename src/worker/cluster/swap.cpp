// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/swap.hpp"

#include "worker/cluster/properties.hpp"
#include "worker/cluster/transaction.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kSwapLock = 30 * 1000;
constexpr std::int64_t kSwapTick = 1;  // ms
constexpr std::size_t kNamed = 20;  // ended sessions in the log

// Reads a database without its size, for which PostgreSQL checks every file on
// disk.
std::optional<Database> look(Cluster& cluster, const std::string& name) {
  const Rows rows = cluster.sql().query(
      std::string("SELECT d.oid, pg_get_userbyid(d.datdba), d.datallowconn, "
                  "d.datconnlimit, ") +
          kDatabaseComment + " FROM pg_database d WHERE d.datname = $1",
      {name});
  if (rows.empty()) return std::nullopt;
  const Row& row = rows[0];
  Database out;
  out.name = name;
  out.oid = std::stoll(row[0].value_or("0"));
  out.owner = row[1].value_or("");
  out.allow_connections = row[2] == Cell("t");
  out.connection_limit = std::stoll(row[3].value_or("-1"));
  out.comment = row[4].value_or("");
  out.marker = parse_marker(out.comment);
  return out;
}

Database require(Cluster& cluster, const std::string& name, std::int64_t oid,
                 const char* kind, const Swap& swap) {
  auto found = look(cluster, name);
  if (!found) throw Error("swap", name, "it no longer exists");
  if (found->oid != oid) {
    throw Error("swap", name, "it is not the database that the job began with");
  }
  if (!cluster.is_marked(*found, kind) ||
      found->marker->server != swap.server ||
      found->marker->application != swap.application) {
    throw Error("swap", name,
                std::string("its marker does not identify it as the ") + kind +
                    " database of " + swap.application + " on " + swap.server);
  }
  return std::move(*found);
}

// No session is ended before the lock is requested: the clients would reconnect
// at once, and 20 that are connecting keep two processors busy for 200 ms.
void rename(Cluster& cluster, Cutter& cutter, std::int64_t oid,
            const std::string& from, const std::string& to) {
  cluster.sql().run_watched(
      "ALTER DATABASE " + cluster.quoted(from) + " RENAME TO " +
          cluster.quoted(to),
      Deadline::in_s(20), [&] { cutter.cut(oid); }, kSwapTick);
}

// Runs within a transaction.
void exchange(Cluster& cluster, Cutter& cutter, const Swap& swap) {
  const std::string trash =
      swap.live_oid ? cluster.names().trash(*swap.live_oid, swap.job) : "";
  if (swap.live_oid) {
    rename(cluster, cutter, *swap.live_oid, swap.live, trash);
  }
  rename(cluster, cutter, swap.copy_oid, swap.copy, swap.live);
  if (swap.live_oid) {
    const Database old = require(cluster, trash, *swap.live_oid, "live", swap);
    DatabaseMarker marker = *old.marker;
    marker.kind = "trash";
    // An interrupted DROP, which the owner may begin: nobody can connect to the
    // database again, ALTER is refused, and an undo is impossible.
    const bool invalid = old.connection_limit == -2;
    marker.undo_until = wall_now() + (invalid ? 0 : swap.undo);
    cluster.comment(trash, marker);
    if (!invalid) cluster.close(trash);
    cluster.own(trash);
  }
  const Database made =
      require(cluster, swap.live, swap.copy_oid, swap.copy_kind, swap);
  if (made.connection_limit == -2) {
    throw Error("switch to", swap.copy,
                "somebody has begun to drop it; nobody can connect to it");
  }
  if (made.owner != swap.owner) {
    cluster.sql().run("ALTER DATABASE " + cluster.quoted(swap.live) +
                      " OWNER TO " + cluster.quoted(swap.owner));
  }
  DatabaseMarker marker = *made.marker;
  marker.kind = "live";
  marker.state = "ready";
  marker.job = swap.job;
  marker.undo_until.reset();
  cluster.comment(swap.live, marker);
  if (!made.allow_connections) cluster.allow_connections(swap.live, true);
}

void tell(const Cutter& cutter, Report& report) {
  const auto& ended = cutter.ended();
  for (std::size_t i = 0; i < ended.size() && i < kNamed; ++i) {
    report.log("ended session: " + ended[i]);
  }
  if (ended.size() > kNamed) {
    report.log("ended " + std::to_string(ended.size() - kNamed) +
               " more sessions");
  }
}

// Gives the copy the properties of the live database, if there is one.
void fit(Cluster& cluster, const Swap& swap,
         const std::optional<Database>& live, const Database& copy,
         Report& report) {
  for (const auto& problem : take_over_properties(cluster, live, copy)) {
    report.log("not copied from " + swap.live + ": " + problem);
  }
}

// The transaction failed and changed nothing; adds the reason as far as known.
[[noreturn]] void explain(Cluster& cluster, const std::string& what,
                          const SqlError& e, const std::string& copy,
                          const std::optional<Database>& live) {
  std::string cause = e.cause();
  // A session is connected, or holds a lock on it.
  if (e.sqlstate() == "55006" || e.sqlstate() == "55P03") {
    // One observation suffices, because the rename has waited for seconds.
    auto stays = cluster.obstacles(copy);
    if (live) {
      for (auto& o : in_the_way(cluster, *live)) stays.push_back(std::move(o));
    }
    if (!stays.empty()) cause += "; " + sentence_of(stays);
  }
  throw SqlError("swap", what, cause, e.sqlstate());
}

}  // namespace

Swapping::Swapping(Cluster& cluster, const Swap& swap, Report& report)
    : cluster_(cluster), swap_(swap), report_(report), cutter_(cluster) {
  cluster.lock(swap.live, Deadline::in_ms(kSwapLock));
  cluster.lock(swap.copy, Deadline::in_ms(kSwapLock));
  const Database copy =
      require(cluster, swap.copy, swap.copy_oid, swap.copy_kind, swap);
  if (swap.live_oid) {
    live_ = require(cluster, swap.live, *swap.live_oid, "live", swap);
  } else if (look(cluster, swap.live)) {
    throw Error("swap", swap.live, "a database of this name exists now");
  }
  if (copy.marker->kind == "spare") fit(cluster, swap, live_, copy, report);
  cluster.sql().query(
      "SELECT set_config('lock_timeout', '3s', false), "
      "set_config('statement_timeout', '8s', false), "
      "set_config('idle_in_transaction_session_timeout', '10s', false)");
}

void Swapping::commit() {
  try {
    in_transaction(cluster_.sql(), [&] {
      exchange(cluster_, cutter_, swap_);
      return true;
    });
  } catch (const Away&) {
    tell(cutter_, report_);
    throw;  // whether it was committed is unknown
  } catch (const SqlError& e) {
    tell(cutter_, report_);
    explain(cluster_, swap_.live, e, swap_.copy, live_);
  }
  tell(cutter_, report_);
}

bool swapped_by(Cluster& cluster, const std::string& live,
                std::int64_t copy_oid) {
  const auto found = cluster.database(live);
  return found && found->oid == copy_oid;
}

std::vector<Obstacle> in_the_way(Cluster& cluster, const Database& live) {
  std::vector<Obstacle> out = not_to_be_cut(cluster, live.oid);
  for (auto& obstacle : cluster.obstacles(live.name)) {
    out.push_back(std::move(obstacle));
  }
  // A session that is starting has its database's lock before it shows its user
  // and its database; before 18 it does not show itself at all. Sessions of
  // Berth's own role copy the database. Sessions that the cutter may end are
  // not in the way.
  const Rows rows = cluster.sql().query(
      "SELECT DISTINCT l.pid, a.usename FROM pg_locks l LEFT JOIN "
      "pg_stat_activity a ON a.pid = l.pid LEFT JOIN pg_roles r "
      "ON r.oid = a.usesysid WHERE l.locktype = 'object' AND "
      "l.classid = 'pg_database'::regclass AND l.objid = $1 AND l.granted AND "
      "a.datid IS DISTINCT FROM $1 AND a.usesysid IS DISTINCT FROM "
      "(SELECT datdba FROM pg_database WHERE oid = $1) AND "
      "(r.oid IS NULL OR r.rolname = current_user OR NOT (" +
          std::string(kMayBeEnded) + ")) AND "
      "l.pid <> pg_backend_pid() ORDER BY 1",
      {std::to_string(live.oid)});
  for (const Row& row : rows) {
    const std::string pid = cell_text(row[0]);
    const std::string who =
        row[1] ? *row[1] + " (pid " + pid +
                     ") uses it from elsewhere (CREATE DATABASE ... TEMPLATE, "
                     "ALTER DATABASE)"
               : "a session that is starting (pid " + pid + ") locks it";
    out.push_back({"lock " + pid, who +
                                      "; wait, or run SELECT "
                                      "pg_terminate_backend(" +
                                      pid + ")"});
  }
  return out;
}

}  // namespace berth::worker
