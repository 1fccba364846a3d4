// SPDX-License-Identifier: GPL-2.0-or-later
// Runs schedule() on the world: activates the jobs that the plan starts, and
// records what the others wait for.
#pragma once

#include <vector>

#include "runner/ledger/ledger.hpp"

namespace berth::runner {

// `start` is false while no job may start; the plan is recorded nevertheless.
void dispatch(World& world, Ledger& ledger, bool start);

}  // namespace berth::runner
