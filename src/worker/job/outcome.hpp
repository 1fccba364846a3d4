// SPDX-License-Identifier: GPL-2.0-or-later
// Decides what becomes of a job whose attempt stopped.
#pragma once

#include <string>

#include "model/job.hpp"
#include "store/steps.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

// How an attempt stopped, before it was known to be committed.
struct Stopped {
  enum class By { failure, cancel, shutdown, death };
  By by = By::failure;
  std::string step;
  std::string text;
  bool server_is_why = false;  // the failure is the server's fault
};

// The result of a job when nothing was committed.
JobResult result_of_stop(const Job& job, const Stopped& stopped);

}  // namespace berth::worker
