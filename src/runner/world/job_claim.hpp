// SPDX-License-Identifier: GPL-2.0-or-later
// The claim that a job has from its start to its end, so that no other job with
// the same claim runs (schedule.hpp). Claims made while a job runs are in
// claims.hpp.
#pragma once

#include <string>

#include "base/config.hpp"
#include "model/job.hpp"

namespace berth::runner {

// The claim of a job, by the row of its kind. Most jobs claim server:NAME; a
// job without a server claims application:NAME, so that two publications of one
// application cannot run at once. A drop has neither and claims nothing.
std::string claim_of(const Config& config, const Job& job);
// True for a refresh, a spare and berthd's own checks: they run after people's
// jobs.
bool in_background(const Job& job);

}  // namespace berth::runner
