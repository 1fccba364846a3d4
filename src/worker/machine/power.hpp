// SPDX-License-Identifier: GPL-2.0-or-later
// A power job: `power`, which berth-hypervisor does (power_on_host.hpp), then
// `answer`, where the server is to run: ssh lets berth in. Cancelled before
// the host was told nothing has happened; afterwards only the waiting ends,
// and the job says so. A worker that resumes one goes by the state that it
// finds, and repeats no order that was given.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void power_job(const Context& context, Journal& journal,
               const Attempt& attempt);

}  // namespace berth::worker
