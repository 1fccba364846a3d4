// SPDX-License-Identifier: GPL-2.0-or-later
// A snapshot job, and the revert that a build may begin with.
//
// A snapshot holds the machine: its disks and memory, and with them the slots,
// their markers, the files of the last switch and the number of the last job
// that berth-guest saw. All of that goes back together, so the guest agrees
// with itself; its number is lower than the next job's, as it must be. What a
// snapshot does not hold is the database, on its cluster: a revert leaves that
// alone, and says so.
//
// What the server carries afterwards is what its history said when the
// snapshot was taken (the snapshot's mark names the line), with the database
// that it has now. Of a snapshot that this console did not take nobody knows,
// and the server is shown as carrying nothing.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void snapshot_job(const Context& context, Journal& journal,
                  const Attempt& attempt);

struct RevertWanted {
  std::string snapshot;
  std::string in;        // the job's step that is open
  bool running = false;  // it must run afterwards
  bool commit = false;   // berthd is asked, and no cancel comes through then
};
// Throws as run_on_host() does.
Reverted revert_to(const Context& context, Journal& journal, int lock_fd,
                   const RevertWanted& wanted);

}  // namespace berth::worker
