// SPDX-License-Identifier: GPL-2.0-or-later
// A snapshot job, and the revert with which a build may begin.
//
// A snapshot contains the machine: its disks and memory, and with them the
// slots, their markers, the files of the last switch and the number of the last
// job that berth-guest saw. All of these are reverted together, so that the
// guest's state is consistent; its job number is lower than the next job's, as
// required. A snapshot does not contain the database, which is on its cluster:
// a revert does not change it, and reports that.
//
// Afterwards the server has the configuration from its history at the time of
// the snapshot (the snapshot's mark names the line), with its current database.
// The configuration in a snapshot that this console did not take is unknown,
// and the server is shown without a build.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void snapshot_job(const Context& context, Journal& journal,
                  const Attempt& attempt);

struct RevertWanted {
  std::string snapshot;
  std::string in;        // the job's open step
  bool running = false;  // the server must run afterwards
  bool commit = false;   // ask berthd, after which no cancel is accepted
};
// Throws as run_on_host() does.
Reverted revert_to(const Context& context, Journal& journal, int lock_fd,
                   const RevertWanted& wanted);

}  // namespace berth::worker
