// SPDX-License-Identifier: GPL-2.0-or-later
// Drops one orphan by name, for an administrator: moves it to the trash and
// drops it at once. An orphan is a database that tidy's plan calls one at that
// moment (tidy_plan.hpp); every other is refused. So is one with a session or a
// comment, because somebody uses it.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"
#include "worker/tidy/tidy_plan.hpp"

namespace berth::worker {

void drop_job(const Context& context, Journal& journal,
              const Attempt& attempt);

// Throws Error, with what the database is, unless it is an orphan in `plan`,
// which was made from `databases`.
Database require_orphan(const std::vector<Database>& databases,
                        const TidyPlan& plan, const DatabaseNames& names,
                        const std::string& name);

}  // namespace berth::worker
