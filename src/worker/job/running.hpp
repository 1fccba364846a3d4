// SPDX-License-Identifier: GPL-2.0-or-later
// Checks whether a server can be worked on at all, before anything is requested
// from it: berth.conf must allow the application on it, and berth-watch must
// have seen it running last. Without a published state (a worker run by hand)
// the server is not refused; ssh reports whether it is reachable.
#pragma once

#include "worker/job/context.hpp"

namespace berth::worker {

// Checks only berth.conf, for a server that need not run yet.
void require_allowed(const Context& context, const std::string& action);

// Throws Error. `action` names what is refused, for example "build on".
void require_running(const Context& context, const std::string& action);

}  // namespace berth::worker
