// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/outcome.hpp"

namespace berth::worker {
namespace {

// After this many deaths of its worker a job is not tried again.
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
    if (!job.server.empty()) out.detail += ", the server is as it was";
  } else if (stopped.by == Stopped::By::death &&
             job.attempt >= kSwitchAttempts) {
    out.outcome = Outcome::failed;
    out.failed_step = stopped.step;
    out.detail = "the worker died in " + stopped.step + " in attempt " +
                 std::to_string(job.attempt) + "; it is not tried again";
  } else {
    out.outcome = Outcome::requeue;
    out.detail = stopped.by == Stopped::By::death
                     ? "the worker died in " + stopped.step + ", put back"
                     : "berthd stopped, put back";
  }
  return out;
}

}  // namespace berth::worker
