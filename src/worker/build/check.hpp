// SPDX-License-Identifier: GPL-2.0-or-later
// A check: whether a server is still what its last build made of it. Asks the
// guest (berth-guest's verb `check`), and writes lib/checks/SERVER.json
// (store/check.hpp). Reads only, there and here; no build waits for it, and one
// that switches meanwhile makes it fail: there is nothing to compare with then.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void check_job(const Context& context, Journal& journal,
               const Attempt& attempt);

}  // namespace berth::worker
