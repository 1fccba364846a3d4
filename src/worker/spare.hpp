// SPDX-License-Identifier: GPL-2.0-or-later
// A spare: a copy of a generation made ahead, so that a build only has to
// swap it in. Made while nobody else copies, given up when somebody wants to.
#pragma once

#include "worker/context.hpp"
#include "worker/journal.hpp"

namespace berth::worker {

void spare_job(const Context& context, Journal& journal, bool resumed);

}  // namespace berth::worker
