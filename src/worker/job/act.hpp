// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a job that works on a cluster alone (publish, refresh, spare, keep,
// adopt, drop) from its first step to its last record. The work begins and ends
// its own steps; an exception ends the step that is open and decides the
// outcome:
//
//   Interrupted   the job is cancelled, or requeued when berthd stops
//   Away          the job failed; but if the work has set commit_in_flight, the
//                 job is unsettled, and a later worker asks the cluster
//   any other     the job failed, with the exception's text
//
// A worker started on a job that already has steps runs the same work, which
// must first check what an earlier worker has done.
#pragma once

#include <functional>
#include <string>

#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

struct Act {
  bool resumed = false;           // an earlier worker began this job
  bool commit_in_flight = false;
  std::string stands;  // appended to a failure: what remains unchanged
};

using ActWork = std::function<JobResult(Act& act)>;

void run_act(const Context& context, Journal& journal, bool resumed,
             const ActWork& work);

}  // namespace berth::worker
