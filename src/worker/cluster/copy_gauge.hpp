// SPDX-License-Identifier: GPL-2.0-or-later
// The progress of a CREATE DATABASE, for which PostgreSQL has no progress view.
// With WAL_LOG the log grows by nearly the size of the database (other sessions
// write to it too, so the figure is clamped); otherwise the size of the new
// folder is read, whose name Berth chose. The queries use a connection of their
// own, because the first is busy copying; it is opened at the first query, so
// that a short copy does without. Reading the size of many files takes time
// itself, so the queries take at most a tenth of the time.
#pragma once

#include <optional>
#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/strategy.hpp"

namespace berth::worker {

// The bar never moves back, and never reaches the end: after the last byte
// there is a checkpoint, or log to be written.
class CopyBar {
 public:
  CopyBar(std::int64_t size, bool checkpoint_first);
  // nullopt: the bytes are unknown, and the bar follows the expected duration.
  Progress at(std::optional<std::int64_t> bytes);

 private:
  std::int64_t total_;
  bool checkpoint_first_;
  std::int64_t done_ = 0;
};

class CopyGauge {
 public:
  // Call before the copy begins. `oid` of the new database; 0 if unknown.
  CopyGauge(Cluster& cluster, const Database& base, std::int64_t oid,
            Strategy strategy);
  // nullopt: it is too early for another query.
  std::optional<Progress> read();

 private:
  std::optional<std::int64_t> bytes();
  Cluster& cluster_;
  CopyBar bar_;
  std::optional<Connection> second_;
  std::string query_;     // empty: the progress cannot be read
  std::string argument_;
  std::int64_t next_ = 0;  // ms, of the next query
};

}  // namespace berth::worker
