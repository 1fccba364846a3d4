// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/copy_gauge.hpp"

#include <algorithm>

namespace berth::worker {

CopyGauge::CopyGauge(Cluster& cluster, const Database& base, std::int64_t oid,
                     Strategy strategy)
    : total_(std::max<std::int64_t>(base.size, 1)),
      folder_(folder_of(cluster, base).value_or("")),
      second_("cluster " + cluster.config().name, cluster.config().conninfo,
              "berth progress", cluster.link()) {
  if (strategy == Strategy::wal_log) {
    query_ = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)::bigint";
    argument_ = second_.query("SELECT pg_current_wal_insert_lsn()")
                    .at(0).at(0).value_or("0/0");
  } else {
    query_ = "SELECT coalesce(sum((pg_stat_file($1 || '/' || f, true)).size), "
             "0)::bigint FROM pg_ls_dir($1, true, false) f";
    argument_ = folder_ + std::to_string(oid);
    works_ = oid != 0 && !folder_.empty();
  }
}

Progress CopyGauge::read() {
  Progress out;
  out.unit = "bytes";
  out.total = total_;
  if (works_) {
    try {
      const auto cell = second_.query(query_, {argument_}).at(0).at(0);
      // Never back, and never whole: a checkpoint comes after the last byte.
      const std::int64_t seen = std::stoll(cell.value_or("0"));
      done_ = std::max(done_, std::min(seen, total_ / 100 * 99));
    } catch (const Error&) {
      works_ = false;  // not granted: the bar goes by the clock
    }
  }
  if (works_) out.done = done_;
  out.message = works_ && done_ >= total_ / 100 * 99 ? "syncing" : "copying";
  return out;
}

}  // namespace berth::worker
