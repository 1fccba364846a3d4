// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/outcome.hpp"

namespace berth::worker {
namespace {

// The number of attempts after which a job whose worker died is not retried. It
// bounds crashes that a later worker could settle; kMostCrashes
// (runner/processes/workers.cpp) bounds those that none could.
constexpr int kSwitchAttempts = 3;

}  // namespace

JobResult result_of_stop(const Job& job, const Stopped& stopped) {
  JobResult out;
  if (stopped.by == Stopped::By::failure) {
    out.outcome = Outcome::failed;
    out.failed_step = stopped.step;
    out.detail = stopped.text;
    if (stopped.server_is_why) out.faulty_server = job.server;
  } else if (stopped.by == Stopped::By::cancel || job.cancel) {
    out.outcome = Outcome::cancelled;
    out.detail = job.cancel ? "cancelled by " + job.cancel->user
                            : std::string("cancelled");
    if (!job.server.empty()) out.detail += "; the server is unchanged";
  } else if (stopped.by == Stopped::By::death &&
             job.attempt >= kSwitchAttempts) {
    out.outcome = Outcome::failed;
    out.failed_step = stopped.step;
    out.detail = "the worker died in " + stopped.step + " in attempt " +
                 std::to_string(job.attempt) + "; the job is not retried";
  } else {
    out.outcome = Outcome::requeue;
    out.detail = stopped.by == Stopped::By::death
                     ? "the worker died in " + stopped.step + "; requeued"
                     : "berthd stopped; requeued";
  }
  return out;
}

}  // namespace berth::worker
