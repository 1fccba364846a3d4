// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of settling a build or undo: finding out whether it was committed,
// rolling it back, and confirming it to the guest. Each may be repeated any
// number of times, after a kill at any moment.
#pragma once

#include "worker/build/build_steps.hpp"

namespace berth::worker {

// If the plan swaps the database, the live database's marker is checked, after
// every session that this job may still have on the cluster has ended;
// otherwise the guest is asked. Throws Away.
bool was_committed(const Context& context, const Plan& plan, Guest& guest);

// Before the commit point: restores the guest's files and link, allows
// connections to the live database, and moves the copy to the trash (an undo's
// copy never left it). If the switch was begun, guest and cluster must answer
// (Away). Before that, the next job and tidy remove what remains, so a failure
// to reach them is only logged.
void put_back(const Context& context, const Plan& plan, bool switch_begun,
              Guest& guest, Report& report);

// After it: rolls the guest's switch forward. Throws Unsettled; Error when the
// guest answers but has no record of the job, which waiting would not change.
void confirm_on_guest(const Context& context, Guest& guest, Report& report);
// Removes what the guest still keeps of the finished job. Never throws.
void forget_on_guest(const Context& context, Guest& guest, Report& report);

}  // namespace berth::worker
