// SPDX-License-Identifier: GPL-2.0-or-later
// The job `retire`: without the domain's UUID it lists what would be removed;
// with it, it removes it (retire_on_host.hpp). For root only, like everything
// that destroys data for good. A worker that finds the job begun continues it,
// because nothing that was removed can be restored.
//
// These are kept: volumes that Berth did not create, the image, the history,
// and the server's databases. The databases become orphans: `berthctl doctor`
// lists them, with the commands that drop them. Removing a machine and removing
// the data in its database are two decisions.
//
// (worker/tidy/retire.hpp is unrelated: it retires old generations.)
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void retire_job(const Context& context, Journal& journal,
                const Attempt& attempt);

}  // namespace berth::worker
