// SPDX-License-Identifier: GPL-2.0-or-later
// An undo: the last switch of a server goes back whole - database, slot and
// files - as long as the former database is in the trash and the former slot
// is whole. The commit point is a build's: the transaction that swaps the
// databases, or without one the guest's own; what it replaces becomes trash
// again, so an undo can be undone.
#pragma once

#include "worker/context.hpp"
#include "worker/journal.hpp"
#include "worker/plan.hpp"

namespace berth::worker {

// `read`: what an earlier worker's steps say, when `resumed`.
void undo_job(const Context& context, Journal& journal, const StepsRead& read,
              bool resumed);

}  // namespace berth::worker
