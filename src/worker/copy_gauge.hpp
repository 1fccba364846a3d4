// SPDX-License-Identifier: GPL-2.0-or-later
// How far a CREATE DATABASE is. PostgreSQL has no progress view for it. With
// WAL_LOG the log's advance is nearly the size (and everybody's, so it is
// clamped); otherwise the size of the new folder is, whose name we chose. Asked
// over a connection of its own, because the other one is busy copying.
#pragma once

#include <string>

#include "worker/cluster.hpp"
#include "worker/report.hpp"
#include "worker/strategy.hpp"

namespace berth::worker {

class CopyGauge {
 public:
  // `oid`: of the new database, 0 when it is not known.
  CopyGauge(Cluster& cluster, const Database& base, std::int64_t oid,
            Strategy strategy);
  Progress read();

 private:
  std::int64_t total_;
  std::string folder_;
  Connection second_;
  std::string query_;
  std::string argument_;
  std::int64_t done_ = 0;
  bool works_ = true;
};

}  // namespace berth::worker
