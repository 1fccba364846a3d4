// SPDX-License-Identifier: GPL-2.0-or-later
// Ends the sessions on a database, and those of its owner that lock it from
// elsewhere (BEGIN; COMMENT ON DATABASE ..., left open), over a connection of
// its own, so that it can be done while the other one waits in ALTER DATABASE
// ... RENAME: that holds the lock which keeps newcomers out, and goes on when
// the last one is gone. Nobody has to be refused beforehand, so nothing has to
// be opened again after a crash.
//
// pg_terminate_backend(pid, timeout) was rejected: it looks every 100 ms.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "worker/cluster.hpp"

namespace berth::worker {

class Cutter {
 public:
  explicit Cutter(Cluster& cluster);

  // Tells all of those to end that may be ended, and does not wait.
  void cut(std::int64_t oid);
  // "user from address (application)", once each, of all that were told.
  const std::vector<std::string>& told() const { return told_; }

 private:
  Connection second_;
  Link& link_;
  std::string first_;  // the pid of the connection that waits
  std::set<std::string> pids_;
  std::vector<std::string> told_;
};

// Whom cut() may not end, each a sentence that says what to do about it.
std::vector<Obstacle> not_to_be_cut(Cluster& cluster, std::int64_t oid);

}  // namespace berth::worker
