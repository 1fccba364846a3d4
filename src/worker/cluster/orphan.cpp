// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/orphan.hpp"

#include <algorithm>

namespace berth::worker {
namespace {


// Bytes; 0 when Berth may not read it; nullopt when the folder no longer
// exists.
std::optional<std::int64_t> size_of(Cluster& cluster, const std::string& path) {
  try {
    const Rows rows = cluster.sql().query(
        "SELECT (pg_stat_file($1, true)).isdir, "
        "(SELECT sum((pg_stat_file($1 || '/' || f, true)).size)::bigint "
        "FROM pg_ls_dir($1, true, false) f)", {path});
    if (!rows.at(0).at(0)) return std::nullopt;
    return cell_number(rows[0][1]);
  } catch (const SqlError& e) {
    if (e.sqlstate() != "42501") throw;
    return 0;
  }
}

// CREATE DATABASE holds this lock from before its first file until its row is
// visible; every role may read pg_locks.
bool one_is_being_made(Cluster& cluster) {
  return cluster.sql().query(
      "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND "
      "relation = 'pg_database'::regclass AND mode = 'RowExclusiveLock' AND "
      "granted AND pid <> pg_backend_pid())").at(0).at(0) == Cell("t");
}

std::string data_folder(Cluster& cluster) {
  try {
    return cell_text(
               cluster.sql()
                   .query("SELECT current_setting('data_directory')")
                   .at(0)
                   .at(0)) +
           "/";
  } catch (const SqlError&) {
    return "the data directory's ";  // needs pg_read_all_settings
  }
}

}  // namespace

std::vector<Orphan> orphan_folders(Cluster& cluster,
                                   const std::vector<Orphan>& known) {
  Rows folders;
  try {
    folders = cluster.sql().query(
        "SELECT s || f, f FROM (SELECT 'base/' UNION ALL SELECT 'pg_tblspc/' "
        "|| t.oid || '/' || v || '/' FROM pg_tablespace t, "
        "pg_ls_dir('pg_tblspc/' || t.oid, true, false) v WHERE v LIKE "
        "'PG\\_' || split_part(current_setting('server_version'), '.', 1) || "
        "'\\_%') AS places (s), pg_ls_dir(s, true, false) f WHERE "
        "f ~ '^[0-9]{5,10}$' AND f::bigint >= 16384 ORDER BY s, f::bigint");
  } catch (const SqlError& e) {
    if (e.sqlstate() != "42501") throw;
    return {};
  }
  // The order matters: a database that was being created when the folders were
  // listed is either still being created now, or has its row by the time the
  // rows are read.
  const bool busy = one_is_being_made(cluster);
  std::vector<std::string> rows;
  for (const Row& row :
       cluster.sql().query("SELECT oid::text FROM pg_database")) {
    rows.push_back(row.at(0).value_or(""));
  }
  std::vector<Orphan> out;
  for (const Row& row : folders) {
    const std::string oid = row.at(1).value_or("");
    if (std::find(rows.begin(), rows.end(), oid) != rows.end()) continue;
    const std::string name = row.at(0).value_or("");
    const bool seen = std::any_of(
        known.begin(), known.end(), [&](const Orphan& o) {
          return o.kind == "directory" && o.name == name;
        });
    if (busy && !seen) continue;
    const auto size = size_of(cluster, name);
    if (!size) continue;
    out.push_back({"directory", name,
                   "is a folder without a database, left by a CREATE DATABASE "
                   "during which the server crashed; on the cluster's machine, "
                   "run as postgres: rm -r " + data_folder(cluster) + name,
                   *size});
  }
  return out;
}

}  // namespace berth::worker
