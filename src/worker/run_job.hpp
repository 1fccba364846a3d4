// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker job PATH/active/N.json`: takes the job's lock, runs the job or
// settles what an earlier worker left of it, and writes the last record.
// Returns the exit status: 0 when the last record is written (whatever the
// outcome), 75 when the job could not be settled yet, 1 for an unexpected
// error.
#pragma once

#include <string>

#include "base/config.hpp"
#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

int run_job(const Config& config, const std::string& file);

// The function that runs or settles a job of this kind; nullptr for `unknown`.
using Work = void (*)(const Context& context, Journal& journal,
                      const Attempt& attempt);
Work work_of(JobKind kind);

}  // namespace berth::worker
