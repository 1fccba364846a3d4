// SPDX-License-Identifier: GPL-2.0-or-later
// Drops one orphan by name, for an administrator: first to the trash, then
// out of it at once. Refuses whatever is of use to somebody.
#pragma once

#include "worker/context.hpp"
#include "worker/journal.hpp"

namespace berth::worker {

void drop_job(const Context& context, Journal& journal, bool resumed);

}  // namespace berth::worker
