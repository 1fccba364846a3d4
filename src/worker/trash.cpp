// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/trash.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kDrop = 300;  // seconds: it unlinks every file

[[noreturn]] void refuse(const char* what, const std::string& name,
                         const std::string& why) {
  throw Error(what, name, why);
}

}  // namespace

std::string to_trash(Cluster& cluster, const Database& database,
                     std::int64_t job) {
  const char kind = cluster.names().kind_of(database.name);
  if (database.marker) {
    if (!cluster.is_marked(database, "spare")) {
      refuse("discard", database.name,
             "its marker says " + database.marker->kind + " of site " +
                 database.marker->site);
    }
  } else if (kind != 's' || !database.comment.empty()) {
    refuse("discard", database.name, "it is not marked as ours");
  }
  if (kind != 's') {
    refuse("discard", database.name, "it is no copy by its name");
  }
  DatabaseMarker marker = database.marker.value_or(DatabaseMarker{});
  marker.site = cluster.names().site();
  marker.kind = "trash";
  marker.state = "ready";
  marker.job = job;
  marker.undo_until = wall_now();
  const std::string name = cluster.names().trash(database.oid, job);
  Connection& sql = cluster.sql();
  if (database.connection_limit != -2) {
    cluster.allow_connections(database.name, false);
    cluster.cut_sessions(database.name);
  }
  sql.run("BEGIN");
  try {
    sql.run("ALTER DATABASE " + cluster.quoted(database.name) + " RENAME TO " +
            cluster.quoted(name));
    cluster.comment(name, marker);
    const auto renamed = cluster.database(name);
    if (!renamed || renamed->oid != database.oid) {
      refuse("discard", database.name, "another database has its name now");
    }
    sql.run("COMMIT");
  } catch (const Away&) {
    throw;
  } catch (...) {
    sql.run("ROLLBACK");
    throw;
  }
  return name;
}

void drop_trash(Cluster& cluster, const std::string& name) {
  const auto oid = cluster.names().trash_oid(name);
  if (!oid) refuse("drop", name, "its name is not that of our trash");
  if (!cluster.try_lock(name)) {
    refuse("drop", name, "another process is working on it");
  }
  const auto found = cluster.database(name);
  if (!found) return cluster.unlock(name);
  try {
    if (found->oid != *oid) {
      refuse("drop", name, "its OID is " + std::to_string(found->oid) +
                               ", not the one in its name");
    }
    if (!cluster.is_marked(*found, "trash")) {
      refuse("drop", name, "its marker is not that of our trash");
    }
    if (found->is_template) refuse("drop", name, "it is a template");
    if (!found->ours_to_alter) {
      refuse("drop", name, "it belongs to " + found->owner);
    }
    if (found->marker->undo_until.value_or(0) > wall_now()) {
      refuse("drop", name, "it is kept until " +
                               rfc3339(*found->marker->undo_until));
    }
    const std::string sql = "DROP DATABASE " + cluster.quoted(name);
    try {
      cluster.sql().run(sql, Deadline::in_s(kDrop));
    } catch (const SqlError& e) {
      if (e.sqlstate() != "55006") throw;  // somebody is connected
      cluster.cut_sessions(name);
      cluster.sql().run(sql, Deadline::in_s(kDrop));
    }
  } catch (const Away&) {
    throw;  // the lock went with the connection
  } catch (...) {
    cluster.unlock(name);
    throw;
  }
  cluster.unlock(name);
}

}  // namespace berth::worker
