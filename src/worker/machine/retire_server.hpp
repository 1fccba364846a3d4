// SPDX-License-Identifier: GPL-2.0-or-later
// The job `retire`: without the domain's UUID a look at what would go; with it,
// the going (retire_on_host.hpp). Root's alone, like all that destroys for
// good. Whoever finds it begun goes on: what is gone stays gone.
//
// What stays: volumes that Berth did not make, the image, the history, and the
// server's databases, which are orphans from then on: `berthctl doctor` lists
// them, with what drops them. To throw a machine away is one decision, to throw
// away what is in its database another.
//
// (worker/tidy/retire.hpp is another thing: the retirement of old generations.)
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void retire_job(const Context& context, Journal& journal,
                const Attempt& attempt);

}  // namespace berth::worker
