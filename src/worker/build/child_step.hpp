// SPDX-License-Identifier: GPL-2.0-or-later
// One step of a build as a process of its own; job/child_steps.hpp starts it.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth::worker {

// What `berth-worker step NAME FILE` does. Its exit code.
int child_step(const Config& config, const std::string& step,
               const std::string& job_file);

}  // namespace berth::worker
