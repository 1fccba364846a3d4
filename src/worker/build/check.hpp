// SPDX-License-Identifier: GPL-2.0-or-later
// A check: whether a server has changed since its last build. Asks the guest
// (berth-guest's verb `check`), and writes lib/checks/SERVER.json
// (store/check.hpp). It changes nothing on the guest, and no build waits for
// it. If a build switches at the same time, the check fails, because it has
// nothing to compare with.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void check_job(const Context& context, Journal& journal,
               const Attempt& attempt);

}  // namespace berth::worker
