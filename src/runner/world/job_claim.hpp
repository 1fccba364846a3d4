// SPDX-License-Identifier: GPL-2.0-or-later
// What a job keeps others from while it runs (claims.hpp has who holds what).
#pragma once

#include <string>

#include "base/config.hpp"
#include "model/job.hpp"

namespace berth::runner {

// What a job claims from its start: server:NAME; those that only look their
// own, a preview its user's preview:USER, a check check:SERVER; a spare its
// cluster's spare:CLUSTER; any other its application, so that two publishes of
// one do not meet. A drop needs none.
std::string claim_of(const Config& config, const Job& job);
// Refresh, spare and berthd's own checks: after people's jobs.
bool in_background(const Job& job);

}  // namespace berth::runner
