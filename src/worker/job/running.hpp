// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a server can be worked on at all, before anything is asked of it:
// the application may be on it by berth.conf, and berth-watch last saw it
// running. No news of it (a worker run by hand) is no reason to refuse: ssh
// tells.
#pragma once

#include "worker/job/context.hpp"

namespace berth::worker {

// The first half, of a server that need not run yet.
void require_allowed(const Context& context, const std::string& action);

// Throws Error; `action` is what is refused: "build on".
void require_running(const Context& context, const std::string& action);

}  // namespace berth::worker
