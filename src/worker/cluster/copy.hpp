// SPDX-License-Identifier: GPL-2.0-or-later
// Creates a copy of a base while everything else goes on: several copies of one
// base can be made at the same time, and the live database is not touched.
//
// CREATE DATABASE makes the copy under its final name, owned by Berth's role
// and without connections; then it is marked at once, in state `ready` and with
// the job. A copy without a server is a spare and waits; claim.hpp describes
// what happens then. A crash in between leaves an unmarked database under one
// of Berth's names, or a marked one of a job that is over: `tidy` removes both.
//
// CREATE DATABASE itself waits for the disk. The statements after it, here and
// in claim.hpp, need not (Cluster::commit_without_waiting): the log is
// sequential, and the COMMIT of the swap, before which none of this matters,
// waits for all that precedes it.
//
// strategy.hpp decides how the files are copied.
#pragma once

#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/strategy.hpp"

namespace berth::worker {

struct CopyOrder {
  Database base;          // as it was read
  std::string name;       // of the copy
  std::string server;     // that gets it; empty: a spare
  std::int64_t job = 0;
  bool* marking = nullptr;  // if given, set before the marker is sent, because
                            // the reply may be lost
};

// The bases of the application that can be copied, the newest first.
std::vector<Database> ready_bases(const std::vector<Database>& all,
                                  const Cluster& cluster,
                                  const std::string& application);

// Throws Error if the disk of the base is known to have too little space for a
// copy by this strategy: the size of the base (0 for a clone) plus disk_floor.
void require_room(Cluster& cluster, const Database& base, Strategy strategy);
// Throws Error if the base cannot be copied until somebody acts: its collations
// have changed, or it contains a prepared transaction.
void require_copyable(Cluster& cluster, const Database& base);

// `cluster` holds the lock on the copy's name from then on. Claims
// copies:CLUSTER just before the copy and returns the claim when the copy ends.
// Waits some seconds for a session on the base to end, then fails and names it.
Database copy_base(Cluster& cluster, const CopyOrder& order, Report& report,
                   Deadline deadline);

}  // namespace berth::worker
