// SPDX-License-Identifier: GPL-2.0-or-later
// Keep: extends the time for which the former database of a server's last
// switch is kept, to so many hours from now, at most the application's
// longest_undo. It never shortens that time. The slot needs no extension: it
// remains until a build writes to it.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void keep_job(const Context& context, Journal& journal,
              const Attempt& attempt);

}  // namespace berth::worker
