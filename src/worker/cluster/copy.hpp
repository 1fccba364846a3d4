// SPDX-License-Identifier: GPL-2.0-or-later
// Making a copy of a base beside everything that runs. Nobody is disturbed:
// several copies of one base run together, and the live database is not
// touched.
//
// The copy's life: CREATE DATABASE under its name, owned by us and taking no
// connections, then at once the marker in state `ready` with the job. One
// without a server is a spare and waits; claim.hpp has what comes then. A crash
// in between leaves an unmarked database under one of our names, or a marked
// one of a job that is over: `tidy` takes both.
//
// CREATE DATABASE waits for the disk by itself; after it nothing here and in
// claim.hpp has to (Cluster::commit_without_waiting): the log is one line, and
// the swap's COMMIT, which makes any of it matter, waits for all before it.
//
// How the files are copied is strategy.hpp's.
#pragma once

#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/strategy.hpp"

namespace berth::worker {

struct CopyOrder {
  Database base;          // as it was seen
  std::string name;       // of the copy
  std::string server;     // for whom; empty: a spare
  std::int64_t job = 0;
  bool* marking = nullptr;  // if given: set before the marker is sent, whose
                            // answer may be lost
};

// Newest first: bases of the application that can be copied now.
std::vector<Database> ready_bases(const std::vector<Database>& all,
                                  const Cluster& cluster,
                                  const std::string& application);

// Throws Error when the disk under the base is known to have too little room
// for a copy made so: its size (nothing for a clone) above the cluster's floor.
void require_room(Cluster& cluster, const Database& base, Strategy strategy);
// Throws Error when it can never be copied as it is: its collations have
// changed, or a transaction has been prepared in it.
void require_copyable(Cluster& cluster, const Database& base);

// Over `cluster`, which holds the lock on the copy's name from here on. Asks
// for copies:CLUSTER just before and gives it back when the copy ends. A
// session on the base is waited for some seconds, then it is named.
Database copy_base(Cluster& cluster, const CopyOrder& order, Report& report,
                   Deadline deadline);

}  // namespace berth::worker
