// SPDX-License-Identifier: GPL-2.0-or-later
// Runs one step of a build in a process of its own, which job/child_steps.hpp
// starts.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth::worker {

// Implements `berth-worker step NAME FILE`; returns its exit code.
int child_step(const Config& config, const std::string& step,
               const std::string& job_file);

}  // namespace berth::worker
