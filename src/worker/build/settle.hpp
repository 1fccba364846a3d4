// SPDX-License-Identifier: GPL-2.0-or-later
// The facts behind a settled build or undo: was it committed, putting it back,
// and telling the guest that it holds. Each may be asked again and again, after
// a kill at any instant.
#pragma once

#include "worker/build/build_steps.hpp"

namespace berth::worker {

// Asked of the thing itself: with another database of the live database's
// marker, after every session that this job may still have on the cluster has
// ended; else of the guest. Throws Away.
bool was_committed(const Context& context, const Plan& plan, Guest& guest);

// Before the commit point: the guest's files and link, the live database's
// connections, the copy to the trash (an undo's never left it). When the switch
// was begun, guest and cluster must have answered (Away); before it, what they
// keep is cleared by the next job and by tidy, and only the log says that they
// did not answer.
void put_back(const Context& context, const Plan& plan, bool switch_begun,
              Guest& guest, Report& report);

// After it: the guest's switch is rolled forward. Throws Unsettled; Error when
// the guest answers and has forgotten the job, which no waiting will mend.
void confirm_on_guest(const Context& context, Guest& guest, Report& report);
// The job is over; what the guest still keeps of it goes. Never throws.
void forget_on_guest(const Context& context, Guest& guest, Report& report);

}  // namespace berth::worker
