// SPDX-License-Identifier: GPL-2.0-or-later
// What a job keeps others from while it runs (claims.hpp has who holds what).
#pragma once

#include <string>

#include "base/config.hpp"
#include "model/job.hpp"

namespace berth::runner {

// What a job claims from its start, by its kind's row. Most claim server:NAME;
// without a server application:NAME, so that two publishes of one do not meet,
// and a drop, which has neither, nothing.
std::string claim_of(const Config& config, const Job& job);
// Refresh, spare and berthd's own checks: after people's jobs.
bool in_background(const Job& job);

}  // namespace berth::runner
