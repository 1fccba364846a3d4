// SPDX-License-Identifier: GPL-2.0-or-later
// Checks whether a started server can be used for builds again: ssh accepts
// berth's login. Only checked if Berth has its host key, because without one no
// build can reach it either.
#pragma once

#include "worker/job/context.hpp"

namespace berth::worker {

// Whether known_hosts contains the key of the server, by ssh_config.
bool has_host_key(const Context& context);

// Throws Error when the server does not accept the login in time, or at once
// when it answers and refuses: its host key has changed, or it does not accept
// berth's key.
void wait_for_ssh(const Context& context, Deadline deadline);

}  // namespace berth::worker
