// SPDX-License-Identifier: GPL-2.0-or-later
// Kills a worker that outlived its berthd, with its process group, through a
// pidfd: only if its pid and start time are those of the process that was
// started.
#pragma once

#include "model/job.hpp"

namespace berth::runner {

// Returns true if there was one.
bool kill_leftover(const StartedBy& by);

}  // namespace berth::runner
