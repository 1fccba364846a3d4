// SPDX-License-Identifier: GPL-2.0-or-later
// From the world to schedule() and back: what the plan starts is activated,
// what it makes wait says what it waits for.
#pragma once

#include <vector>

#include "runner/ledger.hpp"

namespace berth::runner {

// What a job claims from its start: server:NAME; those that only look their
// own, a preview its user's preview:USER, a check check:SERVER; a spare its
// cluster's spare:CLUSTER; any other its application, so that two publishes of
// one do not meet. A drop needs none.
std::string claim_of(const Config& config, const Job& job);
// Refresh, spare and berthd's own checks: after people's jobs.
bool in_background(const Job& job);

// `start`: false while nothing may start; the plan is still told.
void dispatch(World& world, Ledger& ledger, bool start);

}  // namespace berth::runner
