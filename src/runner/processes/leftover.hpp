// SPDX-License-Identifier: GPL-2.0-or-later
// A worker that outlived its berthd: killed by pidfd, with its process group,
// only while pid and start time say that it is the one that was started.
#pragma once

#include "model/job.hpp"

namespace berth::runner {

// True when there was one.
bool kill_leftover(const StartedBy& by);

}  // namespace berth::runner
