// SPDX-License-Identifier: GPL-2.0-or-later
// "Keep": what an undo of a server's last switch needs stays longer.
#pragma once

#include "worker/context.hpp"
#include "worker/journal.hpp"

namespace berth::worker {

void keep_job(const Context& context, Journal& journal, bool resumed);

}  // namespace berth::worker
