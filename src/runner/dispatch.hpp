// SPDX-License-Identifier: GPL-2.0-or-later
// From the world to schedule() and back: what the plan starts is activated,
// what it makes wait says what it waits for.
#pragma once

#include <vector>

#include "runner/ledger/ledger.hpp"

namespace berth::runner {

// `start`: false while nothing may start; the plan is still told.
void dispatch(World& world, Ledger& ledger, bool start);

}  // namespace berth::runner
