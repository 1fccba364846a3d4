// SPDX-License-Identifier: GPL-2.0-or-later
// Drops one orphan by name, for an administrator: first to the trash, then
// out of it at once. An orphan is what tidy's plan calls one at that moment
// (tidy_plan.hpp); everything else is refused, and so is one that somebody is
// connected to or has commented: it is of use to somebody.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"
#include "worker/tidy/tidy_plan.hpp"

namespace berth::worker {

void drop_job(const Context& context, Journal& journal,
              const Attempt& attempt);

// Throws Error, which says what the database is, unless `plan`, made of
// `databases`, calls it an orphan.
Database require_orphan(const std::vector<Database>& databases,
                        const TidyPlan& plan, const DatabaseNames& names,
                        const std::string& name);

}  // namespace berth::worker
