// SPDX-License-Identifier: GPL-2.0-or-later
// The steps that are made at the same time, each as a child process of the
// worker: `berth-worker step NAME PATH/active/N.json` (build/child_step.hpp).
// How they live and end is told in step_processes.hpp.
#pragma once

#include <string>
#include <vector>

#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

// A child step's own words; `step` says whose.
class StepFailed : public Error {
 public:
  StepFailed(std::string step, std::string text)
      : Error("run", step, text), step_(std::move(step)), text_(text) {}
  const std::string& step() const { return step_; }
  const std::string& text() const { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string step_, text_;
};

// Begins and ends the steps in the journal. Returns each one's note in order.
std::vector<json::value> run_steps(const std::vector<std::string>& steps,
                                   const Context& context, Journal& journal,
                                   const std::string& job_file, int lock_fd);

}  // namespace berth::worker
