// SPDX-License-Identifier: GPL-2.0-or-later
// What a job's function gets besides the context and the journal: what belongs
// to this process, and what an earlier worker of the job left.
#pragma once

#include <string>

#include "worker/job/plan.hpp"

namespace berth::worker {

struct Attempt {
  std::string job_file;  // PATH/active/N.json
  int lock_fd = -1;      // the job's lock; berth-hypervisor inherits it
  bool resumed = false;  // an earlier worker has begun the job
  StepsRead read;        // what its steps say
};

}  // namespace berth::worker
