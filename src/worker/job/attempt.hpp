// SPDX-License-Identifier: GPL-2.0-or-later
// What a job's function is given besides the context and the journal: what is
// of this process, and what an earlier worker of the job left behind.
#pragma once

#include <string>

#include "worker/job/plan.hpp"

namespace berth::worker {

struct Attempt {
  std::string job_file;  // PATH/active/N.json
  int lock_fd = -1;      // the job's lock, which berth-hypervisor keeps, too
  bool resumed = false;  // an earlier worker has begun
  StepsRead read;        // what its steps say
};

}  // namespace berth::worker
