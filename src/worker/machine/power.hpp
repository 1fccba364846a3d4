// SPDX-License-Identifier: GPL-2.0-or-later
// A power job: `power`, which berth-hypervisor runs (power_on_host.hpp), then,
// unless the server is shut down, `answer`: ssh accepts berth's login. A cancel
// before the request to the host changes nothing; a later one only ends the
// waiting, and the job reports that. A worker that resumes a job starts from
// the server's state, and repeats no request that was sent.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void power_job(const Context& context, Journal& journal,
               const Attempt& attempt);

}  // namespace berth::worker
