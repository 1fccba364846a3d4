// SPDX-License-Identifier: GPL-2.0-or-later
// Making a copy of a base beside everything that runs. Nobody is disturbed:
// several copies of one base run together, and the live database is not
// touched.
//
// The copy's life: CREATE DATABASE under its name, then at once the marker in
// state `building` with the job, then `ready`; prepare and the swap work on it
// as `claimed`. A crash in between leaves an unmarked database under one of
// our names, or a marked one of a job that is over: `tidy` takes both.
//
// Strategy: PostgreSQL 15 and later WAL_LOG under 256 MB (no checkpoint), else
// FILE_COPY (no WAL); 14 and earlier know only the second, and no clause for
// it.
#pragma once

#include <string>

#include "worker/cluster.hpp"
#include "worker/report.hpp"

namespace berth::worker {

struct CopyOrder {
  Database base;          // as preflight saw it
  std::string name;       // of the copy
  std::string owner;
  std::string server;     // for whom
  std::int64_t job = 0;
};

// Newest first: bases of the application that can be copied now.
std::vector<Database> ready_bases(const std::vector<Database>& all,
                                  const Cluster& cluster,
                                  const std::string& application);

// Over `cluster`, which holds the lock on the copy's name from here on. Asks
// for copies:CLUSTER just before and gives it back when the copy ends.
Database copy_base(Cluster& cluster, const CopyOrder& order, Report& report,
                   Deadline deadline);

}  // namespace berth::worker
