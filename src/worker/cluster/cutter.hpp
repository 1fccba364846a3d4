// SPDX-License-Identifier: GPL-2.0-or-later
// Ends the sessions on a database, and sessions of other roles that lock it
// from elsewhere. It uses a connection of its own, so that this is possible
// while the other connection waits in ALTER DATABASE ... RENAME. The rename
// holds the lock that keeps new sessions out, and proceeds when the last
// session has ended. Nobody has to be refused beforehand, so nothing has to be
// opened again after a crash.
//
// Any role that may log in can lock any database from elsewhere, with BEGIN;
// ALTER ROLE itself IN DATABASE ... SET ...; its owner can do so with COMMENT;
// and an idle session keeps the lock. Sessions of Berth's own role are left
// alone: they copy.
//
// pg_terminate_backend(pid, timeout) was rejected: it checks only every 100 ms.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

class Cutter {
 public:
  explicit Cutter(Cluster& cluster);

  // Terminates all those sessions that Berth may end, and does not wait.
  void cut(std::int64_t oid);
  // "user from address", once for each session that was terminated.
  const std::vector<std::string>& ended() const { return ended_; }

 private:
  Connection second_;
  Link& link_;
  std::string first_;  // the pid of the waiting connection
  std::set<std::string> pids_;
  std::vector<std::string> ended_;
};

// Runs one statement for which the database must not be locked, and ends the
// sessions that block it.
void run_cutting(Cluster& cluster, std::int64_t oid, const std::string& sql,
                 Deadline deadline = Deadline::in_s(30));

// SQL: whether Berth may end a session of the role `r` (pg_roles). Sessions of
// a superuser can be ended only by a superuser, others by a member of their
// role.
inline constexpr const char* kMayBeEnded =
    "(NOT r.rolsuper OR EXISTS (SELECT 1 FROM pg_roles m WHERE "
    "m.rolname = current_user AND m.rolsuper)) AND "
    "(pg_has_role(r.oid, 'USAGE') OR "
    "pg_has_role('pg_signal_backend', 'USAGE'))";

// The sessions that cut() may not end; each text says what to do about it.
std::vector<Obstacle> not_to_be_cut(Cluster& cluster, std::int64_t oid);

}  // namespace berth::worker
