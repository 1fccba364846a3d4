// SPDX-License-Identifier: GPL-2.0-or-later
// The steps that are made at the same time, each as a child process of the
// worker: `berth-worker step NAME PATH/active/N.json`, descriptor 3 a socket
// to the worker (link.hpp), descriptor 4 the job's lock, which it keeps. The
// worker passes questions up to berthd and answers down, and alone writes what
// the children report.
//
// The first to fail stops the other; a cancel stops both. They get the time to
// undo what they began (a CREATE DATABASE is cancelled, a checkout ended) and
// are killed after that.
#pragma once

#include <string>
#include <vector>

#include "worker/context.hpp"
#include "worker/journal.hpp"

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

// The other side: what `berth-worker step NAME FILE` does. Its exit code.
int child_step(const Config& config, const std::string& step,
               const std::string& job_file);

}  // namespace berth::worker
