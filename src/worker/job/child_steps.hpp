// SPDX-License-Identifier: GPL-2.0-or-later
// Steps that run at the same time, each as a child process of the worker:
// `berth-worker step NAME PATH/active/N.json` (build/child_step.hpp). How the
// processes are supervised is described in step_processes.hpp.
#pragma once

#include <string>
#include <vector>

#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

// The failure of a child step, with its own message.
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

// Begins the steps in the journal, runs them and ends them there. Returns their
// notes in the same order. Throws StepFailed for the first that fails.
std::vector<json::value> run_steps(const std::vector<std::string>& steps,
                                   const Context& context, Journal& journal,
                                   const std::string& job_file, int lock_fd);

}  // namespace berth::worker
