// SPDX-License-Identifier: GPL-2.0-or-later
// How far a CREATE DATABASE is. PostgreSQL has no progress view for it. With
// WAL_LOG the log's advance is nearly the size (and everybody's, so it is
// clamped); otherwise the size of the new folder is, whose name we chose. Asked
// over a connection of its own, because the other one is busy copying; made at
// the first look, so that a short copy does without. Looking at many files
// takes time itself: at most a tenth of it goes into looks.
#pragma once

#include <optional>
#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/strategy.hpp"

namespace berth::worker {

// The bar never goes back, and never to the end: behind the last byte there is
// still a checkpoint, or the log to be written.
class CopyBar {
 public:
  CopyBar(std::int64_t size, bool checkpoint_first);
  // nullopt: it cannot be asked, and the bar goes by the clock.
  Progress at(std::optional<std::int64_t> bytes);

 private:
  std::int64_t total_;
  bool checkpoint_first_;
  std::int64_t done_ = 0;
};

class CopyGauge {
 public:
  // Before the copy begins. `oid`: of the new database, 0 when it is not known.
  CopyGauge(Cluster& cluster, const Database& base, std::int64_t oid,
            Strategy strategy);
  // nullopt: the last look is still good.
  std::optional<Progress> read();

 private:
  std::optional<std::int64_t> bytes();
  Cluster& cluster_;
  CopyBar bar_;
  std::optional<Connection> second_;
  std::string query_;     // empty: it cannot be asked
  std::string argument_;
  std::int64_t next_ = 0;  // ms, of the next look
};

}  // namespace berth::worker
