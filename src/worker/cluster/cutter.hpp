// SPDX-License-Identifier: GPL-2.0-or-later
// Ends the sessions on a database, and those of other roles that lock it from
// elsewhere, over a connection of its own, so that it can be done while the
// other one waits in ALTER DATABASE ... RENAME: that holds the lock which keeps
// newcomers out, and goes on when the last one is gone. Nobody has to be
// refused beforehand, so nothing has to be opened again after a crash.
//
// From elsewhere: any role that may log in locks any database with BEGIN; ALTER
// ROLE itself IN DATABASE ... SET ..., its owner with COMMENT, and an idle
// session keeps the lock. Our own role's are left: they copy.
//
// pg_terminate_backend(pid, timeout) was rejected: it looks every 100 ms.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

class Cutter {
 public:
  explicit Cutter(Cluster& cluster);

  // Tells all of those to end that may be ended, and does not wait.
  void cut(std::int64_t oid);
  // "user from address", once each, of all that were told.
  const std::vector<std::string>& told() const { return told_; }

 private:
  Connection second_;
  Link& link_;
  std::string first_;  // the pid of the connection that waits
  std::set<std::string> pids_;
  std::vector<std::string> told_;
};

// One statement for which the database must not be locked; whoever holds it up
// is ended while it waits.
void run_cutting(Cluster& cluster, std::int64_t oid, const std::string& sql,
                 Deadline deadline = Deadline::in_s(30));

// SQL: whether we may end a session of the role `r` (pg_roles). A superuser's
// are a superuser's to end, other roles' a member's.
inline constexpr const char* kMayBeEnded =
    "(NOT r.rolsuper OR EXISTS (SELECT 1 FROM pg_roles m WHERE "
    "m.rolname = current_user AND m.rolsuper)) AND "
    "(pg_has_role(r.oid, 'USAGE') OR "
    "pg_has_role('pg_signal_backend', 'USAGE'))";

// Whom cut() may not end, each a sentence that says what to do about it.
std::vector<Obstacle> not_to_be_cut(Cluster& cluster, std::int64_t oid);

}  // namespace berth::worker
