// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/swap.hpp"

#include "worker/properties.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kLock = 30 * 1000;

Database require(Cluster& cluster, const std::string& name, std::int64_t oid,
                 const char* kind, const Swap& swap) {
  auto found = cluster.database(name);
  if (!found) throw Error("swap", name, "it is gone");
  if (found->oid != oid) {
    throw Error("swap", name, "it is another database than the job began with");
  }
  if (!cluster.is_marked(*found, kind) ||
      found->marker->server != swap.server ||
      found->marker->application != swap.application) {
    throw Error("swap", name,
                std::string("its marker does not say that it is the ") + kind +
                    " database of " + swap.application + " on " + swap.server);
  }
  return std::move(*found);
}

void cut(Cluster& cluster, const std::string& name, Report& report) {
  cluster.allow_connections(name, false);
  for (const Session& session : cluster.cut_sessions(name)) {
    report.log("session cut on " + name + ": " + session.text);
  }
}

void rename(Cluster& cluster, const std::string& from, const std::string& to) {
  cluster.sql().run("ALTER DATABASE " + cluster.quoted(from) + " RENAME TO " +
                    cluster.quoted(to));
}

void transaction(Cluster& cluster, const Swap& swap) {
  Connection& sql = cluster.sql();
  sql.run("BEGIN");
  sql.run("SET LOCAL lock_timeout = '3s'");
  sql.run("SET LOCAL statement_timeout = '8s'");
  sql.run("SET LOCAL idle_in_transaction_session_timeout = '10s'");
  if (swap.live_oid) {
    const std::string trash = cluster.names().trash(*swap.live_oid, swap.job);
    rename(cluster, swap.live, trash);
    const Database old = require(cluster, trash, *swap.live_oid, "live", swap);
    DatabaseMarker marker = *old.marker;
    marker.kind = "trash";
    marker.undo_until = wall_now() + swap.undo;
    cluster.comment(trash, marker);
  }
  rename(cluster, swap.copy, swap.live);
  const Database made =
      require(cluster, swap.live, swap.copy_oid, swap.copy_kind, swap);
  if (made.owner != swap.owner) {
    sql.run("ALTER DATABASE " + cluster.quoted(swap.live) + " OWNER TO " +
            cluster.quoted(swap.owner));
  }
  DatabaseMarker marker = *made.marker;
  marker.kind = "live";
  marker.state = "ready";
  marker.job = swap.job;
  marker.undo_until.reset();
  cluster.comment(swap.live, marker);
  cluster.allow_connections(swap.live, true);
  sql.run("COMMIT");
}

// After a failure that is known to have changed nothing.
void put_back(Cluster& cluster, const Swap& swap, Report& report) {
  try {
    cluster.sql().run("ROLLBACK");
    if (swap.live_oid) cluster.allow_connections(swap.live, true);
  } catch (const Error& e) {
    // tidy does it within a minute; whoever reads the log knows why.
    report.log("connections to " + swap.live + " are still refused: " +
               e.what());
  }
}

// So that a copy can do for the live database. `live`: nullopt at first.
void fit(Cluster& cluster, const Swap& swap,
         const std::optional<Database>& live, Database copy, Report& report) {
  if (live) {
    for (const auto& problem :
         take_over_properties(cluster, *live, swap.copy)) {
      report.log("not taken over from " + swap.live + ": " + problem);
    }
  }
  copy.marker->state = "claimed";
  cluster.comment(swap.copy, *copy.marker);
}

}  // namespace

void swap(Cluster& cluster, const Swap& swap, Report& report) {
  cluster.lock(swap.live, Deadline::in_ms(kLock));
  cluster.lock(swap.copy, Deadline::in_ms(kLock));
  const Database copy =
      require(cluster, swap.copy, swap.copy_oid, swap.copy_kind, swap);
  std::optional<Database> live;
  if (swap.live_oid) {
    live = require(cluster, swap.live, *swap.live_oid, "live", swap);
  } else if (cluster.database(swap.live)) {
    throw Error("swap", swap.live, "a database has appeared under this name");
  }
  if (copy.marker->kind == "spare") fit(cluster, swap, live, copy, report);
  try {
    if (live) cut(cluster, swap.live, report);
    cut(cluster, swap.copy, report);
    transaction(cluster, swap);
  } catch (const Away&) {
    throw;  // unknown
  } catch (...) {
    put_back(cluster, swap, report);
    throw;
  }
}

bool swapped_by(Cluster& cluster, const std::string& live, std::int64_t job) {
  const auto found = cluster.database(live);
  return found && cluster.is_marked(*found, "live") &&
         found->marker->job == job;
}

}  // namespace berth::worker
