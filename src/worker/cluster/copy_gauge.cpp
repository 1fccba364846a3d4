// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/copy_gauge.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kLookShare = 10;  // pause, in durations of a query

}  // namespace

CopyBar::CopyBar(std::int64_t size, bool checkpoint_first)
    : total_(std::max<std::int64_t>(size, 1)),
      checkpoint_first_(checkpoint_first) {}

Progress CopyBar::at(std::optional<std::int64_t> bytes) {
  Progress out;
  out.unit = "bytes";
  out.total = total_;
  out.message = "copying";
  if (!bytes) return out;
  const std::int64_t most = total_ / 100 * 99;
  done_ = std::max(done_, std::min(*bytes, most));
  out.done = done_;
  if (done_ == 0 && checkpoint_first_) out.message = "syncing before the copy";
  if (done_ > 0 && done_ >= most) out.message = "syncing";
  return out;
}

CopyGauge::CopyGauge(Cluster& cluster, const Database& base, std::int64_t oid,
                     Strategy strategy)
    : cluster_(cluster), bar_(base.size, strategy != Strategy::wal_log) {
  if (strategy == Strategy::wal_log) {
    query_ = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)::bigint";
    argument_ = cluster.sql().query("SELECT pg_current_wal_insert_lsn()")
                    .at(0).at(0).value_or("0/0");
  } else if (const auto folder = folder_of(cluster, base); folder && oid != 0) {
    query_ = "SELECT coalesce(sum((pg_stat_file($1 || '/' || f, true)).size), "
             "0)::bigint FROM pg_ls_dir($1, true, false) f";
    argument_ = *folder + std::to_string(oid);
  }
}

std::optional<std::int64_t> CopyGauge::bytes() {
  if (query_.empty()) return std::nullopt;
  try {
    if (!second_) {
      second_.emplace("cluster " + cluster_.config().name,
                      cluster_.config(), "berth progress",
                      cluster_.link());
    }
    const auto cell = second_->query(query_, {argument_}).at(0).at(0);
    return std::stoll(cell.value_or("0"));
  } catch (const Error&) {
    query_.clear();  // not granted, or too many connections
    return std::nullopt;
  }
}

std::optional<Progress> CopyGauge::read() {
  const std::int64_t begun = monotonic_ms();
  if (begun < next_) return std::nullopt;
  const Progress out = bar_.at(bytes());
  next_ = begun + (monotonic_ms() - begun) * kLookShare;
  return out;
}

}  // namespace berth::worker
