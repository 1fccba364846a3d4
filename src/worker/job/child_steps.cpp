// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/child_steps.hpp"

#include "worker/job/step_processes.hpp"

namespace berth::worker {

std::vector<json::value> run_steps(const std::vector<std::string>& steps,
                                   const Context& context, Journal& journal,
                                   const std::string& job_file, int lock_fd) {
  std::vector<StepProcess> running;
  for (const std::string& step : steps) journal.begin(step);
  for (const std::string& step : steps) {
    running.push_back(start_step(step,
                                 {"/proc/self/exe", "--config",
                                  context.config.file, "step", step, job_file},
                                 lock_fd));
  }
  StepProcesses processes(std::move(running), context.link, journal);
  processes.run();
  if (const StepProcess* bad = processes.failed()) {
    throw StepFailed(bad->step, bad->message());
  }
  std::vector<json::value> notes;
  for (const StepProcess& r : processes.all()) notes.push_back(r.note());
  return notes;
}

}  // namespace berth::worker
