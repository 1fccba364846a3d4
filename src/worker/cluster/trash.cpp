// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/trash.hpp"

#include <algorithm>

#include "step/mask.hpp"
#include "worker/cluster/cutter.hpp"
#include "worker/cluster/prepared_transaction.hpp"
#include "worker/cluster/transaction.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kDrop = 300;  // seconds: it unlinks every file

[[noreturn]] void refuse_discard(const char* what, const std::string& name,
                                 const std::string& why) {
  throw Error(what, name, why);
}

[[noreturn]] void refuse_discard(const Database& d, const std::string& why) {
  refuse_discard("discard", d.name, why);
}

std::string marked_as(const Database& d) {
  return "its marker says " + d.marker->kind + " of site " + d.marker->site;
}

void require_copy(const Cluster& cluster, const Database& d) {
  if (cluster.names().kind_of(d.name) != 's') {
    refuse_discard(d, "its name is not that of a copy");
  }
  if (d.marker && !cluster.is_marked(d, "spare"))
    refuse_discard(d, marked_as(d));
}

void require_base(const Cluster& cluster, const Database& d) {
  if (cluster.names().kind_of(d.name) != 'b') {
    refuse_discard(d, "its name is not that of a base");
  }
  if (d.owner != cluster.role()) {
    refuse_discard(d, "it is owned by " + d.owner);
  }
  if (d.marker && !cluster.is_base(d)) refuse_discard(d, marked_as(d));
  if (!d.marker && d.published()) {
    refuse_discard(d, "it was published, but has no marker");
  }
}

void require_orphan(const Cluster& cluster, const Database& d) {
  if (d.marker && d.marker->site != cluster.names().site()) {
    refuse_discard(d, marked_as(d));
  }
  if (cluster.names().kind_of(d.name) == 0 && !cluster.is_marked(d, "live")) {
    refuse_discard(d, "neither its name nor its marker is Berth's");
  }
}

void require(Cluster& cluster, const Database& d, Discard what) {
  if (!d.marker && !d.comment.empty()) {
    refuse_discard(
        d, "it has a comment that Berth did not write (psql's \\l+ shows it); "
           "if it may be dropped, first run COMMENT ON DATABASE " +
               cluster.quoted(d.name) + " IS NULL");
  }
  if (what == Discard::copy) require_copy(cluster, d);
  if (what == Discard::base) require_base(cluster, d);
  if (what == Discard::orphan) require_orphan(cluster, d);
  if (!d.ours_to_alter) {
    refuse_discard(d, "it is owned by " + d.owner + ", and " + cluster.role() +
                          " is not a member of that role");
  }
}

// Keeps new sessions out and ends those that are connected, and prepared
// transactions. Sessions on an orphan are not ended, because whoever is
// connected uses it.
void clear(Cluster& cluster, const Database& d, Discard what) {
  const bool invalid = d.connection_limit == -2;  // nobody can connect to it
  if (invalid) return;
  if (what == Discard::orphan) {
    const auto stays = lasting(cluster.link(), [&] {
      return connected(cluster.sessions(d.name));
    });
    if (!stays.empty()) refuse_discard(d, sentence_of(stays));
    return;
  }
  if (d.allow_connections) {
    roll_back_prepared(cluster, d.name);
    // Left open, so that an administrator can connect and end what is left.
    const auto stays = cluster.obstacles(d.name);
    if (!stays.empty()) refuse_discard(d, sentence_of(stays));
    cluster.allow_connections(d.name, false);
  }
  cluster.cut_sessions(d.name);
}

// `cuts`: end the sessions that are connected to it or lock it.
void rename_and_mark(Cluster& cluster, const Database& d,
                     const std::string& name, const DatabaseMarker& marker,
                     bool cuts) {
  Connection& sql = cluster.sql();
  in_transaction(sql, [&] {
    // Copies lock their base, possibly for hours, and the next copy would have
    // to wait for this statement.
    sql.run(d.published() ? "SET LOCAL lock_timeout = '200ms'"
                          : "SET LOCAL lock_timeout = '3s'");
    if (name != d.name) {
      const std::string rename = "ALTER DATABASE " + cluster.quoted(d.name) +
                                 " RENAME TO " + cluster.quoted(name);
      if (cuts) {
        run_cutting(cluster, d.oid, rename);
      } else {
        sql.run(rename);
      }
    }
    const auto renamed = cluster.database(name);
    if (!renamed || renamed->oid != d.oid) {
      refuse_discard(d, "another database has its name now");
    }
    if (renamed->comment != d.comment) {
      refuse_discard(d, "its marker has changed meanwhile");
    }
    // Both are refused on an invalid database, where they are not needed.
    if (d.connection_limit != -2 && (d.is_template || d.allow_connections)) {
      cluster.close(name);
    }
    cluster.comment(name, marker);
    if (d.owner != cluster.role()) cluster.own(name);
    return true;
  });
}

struct Whereabouts {
  std::string system;
  Instant now = 0;    // the earlier of the cluster's clock and the console's
  Instant later = 0;  // the later of the two
};

Whereabouts ask(Cluster& cluster) {
  const Rows rows = cluster.sql().query(
      "SELECT system_identifier, "
      "floor(extract(epoch FROM clock_timestamp()))::bigint "
      "FROM pg_control_system()");
  const Instant theirs = cell_number(rows.at(0).at(1)), ours = wall_now();
  return {cell_text(rows.at(0).at(0)), std::min(theirs, ours),
          std::max(theirs, ours)};
}

// A mistake here cannot be undone, so the cluster must be the pinned one right
// before the DROP, and both clocks must be past `until`: a console whose clock
// jumped drops nothing.
void require_now(Cluster& cluster, const std::string& name, Instant until) {
  if (cluster.expected_system().empty()) {
    refuse_discard("drop", name, "the identity of the cluster was not checked");
  }
  const Whereabouts here = ask(cluster);
  if (here.system != cluster.expected_system()) {
    refuse_discard("drop", name,
                   "this is another cluster (system identifier " + here.system +
                       ") than " + cluster.expected_system());
  }
  if (until > here.now) {
    refuse_discard(
        "drop", name,
        "it is kept until " + rfc3339(until) +
            (until > wall_now() ? ""
                                : ", and by the cluster's clock it is " +
                                      rfc3339(here.now)));
  }
}

void require_trash(Cluster& cluster, const Database& d, std::int64_t oid) {
  if (d.oid != oid) {
    refuse_discard(
        "drop", d.name,
        "its OID is " + std::to_string(d.oid) + ", not the one in its name");
  }
  if (!cluster.is_marked(d, "trash")) {
    refuse_discard("drop", d.name, "its marker is not that of Berth's trash");
  }
  if (d.is_template) refuse_discard("drop", d.name, "it is a template");
  if (d.owner != cluster.role()) {
    refuse_discard("drop", d.name,
                   "it is owned by " + d.owner +
                       ", who can write its marker; tidy must make Berth the "
                       "owner first");
  }
  if (!d.marker->undo_until) {
    refuse_discard("drop", d.name,
                   "its marker does not say how long it is kept");
  }
  require_now(cluster, d.name, *d.marker->undo_until);
}

std::string named_obstacles(const std::vector<Obstacle>& obstacles) {
  return obstacles.empty() ? "" : "; " + sentence_of(obstacles);
}

void issue_drop(Cluster& cluster, const std::string& name, std::int64_t oid) {
  const std::string sql = "DROP DATABASE " + cluster.quoted(name);
  try {
    return run_cutting(cluster, oid, sql, Deadline::in_s(kDrop));
  } catch (const SqlError& e) {
    if (e.sqlstate() != "55006") throw;
  }
  // A session is connected, or something without a session uses it.
  cluster.cut_sessions(name);
  try {
    run_cutting(cluster, oid, sql, Deadline::in_s(kDrop));
  } catch (const SqlError& e) {
    std::string cause = e.cause();
    cause += named_obstacles(cluster.obstacles(name));
    throw SqlError(e.action(), name, cause, e.sqlstate());
  }
}

}  // namespace

std::string to_trash(Cluster& cluster, const Database& database,
                     std::int64_t job, Discard what) {
  require(cluster, database, what);
  DatabaseMarker marker = database.marker.value_or(DatabaseMarker{});
  marker.site = cluster.names().site();
  marker.kind = "trash";
  marker.state = "ready";
  marker.job = job;
  marker.undo_until = ask(cluster).now;
  const std::string name = cluster.names().trash(database.oid, job);
  if (name != database.name) clear(cluster, database, what);
  try {
    rename_and_mark(cluster, database, name, marker,
                    what != Discard::orphan);
  } catch (const SqlError& e) {
    if (e.sqlstate() != "55006") throw;
    std::string cause = e.cause();
    cause += named_obstacles(cluster.obstacles(database.name));
    throw SqlError("discard", database.name, cause, e.sqlstate());
  }
  return name;
}

Instant seal_trash(Cluster& cluster, const Database& seen,
                   std::int64_t longest) {
  DatabaseMarker marker = seen.marker.value();
  marker.undo_until =
      std::min<Instant>(marker.undo_until.value(),
                        ask(cluster).later + longest);
  in_transaction(cluster.sql(), [&] {
    // Comments it first, which locks out others that write its comment, so that
    // what is read afterwards is final.
    cluster.comment(seen.name, marker);
    if (seen.owner != cluster.role()) cluster.own(seen.name);
    if ((seen.allow_connections || seen.is_template) &&
        seen.connection_limit != -2) {
      cluster.close(seen.name);
    }
    const auto now = cluster.database(seen.name);
    if (!now || now->oid != seen.oid) {
      refuse_discard("seal", seen.name, "another database has its name now");
    }
    return true;
  });
  if (seen.allow_connections || seen.in_use) cluster.cut_sessions(seen.name);
  return *marker.undo_until;
}

void drop_trash(Cluster& cluster, const std::string& name) {
  const auto oid = cluster.names().trash_oid(name);
  if (!oid) {
    refuse_discard("drop", name, "its name is not that of Berth's trash");
  }
  if (!cluster.try_lock(name)) {
    refuse_discard("drop", name, "another process is working on it");
  }
  try {
    if (const auto found = cluster.database(name)) {
      require_trash(cluster, *found, *oid);
      issue_drop(cluster, name, *oid);
    }
  } catch (const Away&) {
    throw;  // the lock ended with the connection
  } catch (...) {
    cluster.unlock(name);
    throw;
  }
  cluster.unlock(name);
}

}  // namespace berth::worker
