// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/strategy.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kSmall = std::int64_t{64} << 20;
constexpr std::int64_t kManyFiles = 10'000;
constexpr std::int64_t kSmallFile = 128 << 10;  // bytes, on average
constexpr std::int64_t kCloneAnyway = std::int64_t{1} << 30;

bool many_small_files(const CopySource& source) {
  return source.files && *source.files > kManyFiles &&
         source.size / *source.files < kSmallFile;
}

}  // namespace

std::vector<Strategy> strategies(const CopySource& source) {
  if (source.version < 150000) return {Strategy::only};
  const bool many = many_small_files(source);
  const bool wal_log =
      source.version >= 150003 && (source.size < kSmall || many);
  std::vector<Strategy> out = {wal_log ? Strategy::wal_log
                                       : Strategy::file_copy};
  if (source.version >= 180000 && (!many || source.size >= kCloneAnyway)) {
    out.insert(out.begin(), Strategy::clone);
  }
  return out;
}

const char* name_of(Strategy strategy) {
  switch (strategy) {
    case Strategy::wal_log: return "WAL_LOG";
    case Strategy::file_copy: return "FILE_COPY";
    case Strategy::clone: return "a clone of the files";
    case Strategy::only: break;
  }
  return "";
}

bool is_for_the_next(Strategy strategy, const SqlError& error) {
  // Errors of the disk are XX000 or class 58; a server built without clones
  // rejects the value (22023) or the feature (0A000).
  const std::string& state = error.sqlstate();
  return strategy == Strategy::clone &&
         (state.starts_with("58") || state == "XX000" || state == "22023" ||
          state.starts_with("0A"));
}

std::optional<std::string> folder_of(Cluster& cluster, const Database& d) {
  try {
    const Rows rows = cluster.sql().query(
        "SELECT CASE WHEN t.spcname = 'pg_default' THEN 'base/' ELSE "
        "'pg_tblspc/' || t.oid || '/' || (SELECT f FROM "
        "pg_ls_dir('pg_tblspc/' || t.oid, true, false) f WHERE f LIKE 'PG\\_' "
        "|| split_part(current_setting('server_version'), '.', 1) || '\\_%' "
        "LIMIT 1) || '/' END FROM pg_database d JOIN pg_tablespace t "
        "ON t.oid = d.dattablespace WHERE d.oid = $1",
        {std::to_string(d.oid)});
    if (!rows.empty()) return rows[0][0];
  } catch (const SqlError&) {
    // The function is not granted.
  }
  return std::nullopt;
}

std::optional<std::int64_t> count_files(Cluster& cluster, const Database& d) {
  const auto folder = folder_of(cluster, d);
  if (!folder) return std::nullopt;
  try {
    const Rows rows = cluster.sql().query(
        "SELECT count(*) FROM pg_ls_dir($1, true, false)",
        {*folder + std::to_string(d.oid)});
    return std::stoll(rows.at(0).at(0).value());
  } catch (const SqlError&) {
    return std::nullopt;
  }
}

}  // namespace berth::worker
