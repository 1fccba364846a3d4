// SPDX-License-Identifier: GPL-2.0-or-later
// A job that works on a cluster alone - publish, refresh, spare, keep, adopt,
// drop - from its first step to its last record. The steps are the work's own
// to begin and end; whatever it throws ends the one that is open:
//
//   Interrupted   cancelled, or put back when berthd stops
//   Away          failed; but where the work has said that a commit may be in
//                 flight, the job is unsettled: a later worker asks the
//                 cluster
//   any other     failed, with the words
//
// A worker started on a job that has steps calls the same work: each looks
// first at what an earlier one got done.
#pragma once

#include <functional>
#include <string>

#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

struct Act {
  bool resumed = false;           // an earlier worker began this job
  bool commit_in_flight = false;
  std::string stands;             // told with a failure: what it left alone
};

using ActWork = std::function<JobResult(Act& act)>;

void run_act(const Context& context, Journal& journal, bool resumed,
             const ActWork& work);

}  // namespace berth::worker
