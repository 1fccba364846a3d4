// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a server that was started is there for builds again: ssh lets berth
// in. Asked only where Berth has its host key, for without one no build
// reaches it either.
#pragma once

#include "worker/job/context.hpp"

namespace berth::worker {

// ssh_config says where the server is, and known_hosts has its key.
bool has_host_key(const Context& context);

// Error when it does not in time, or at once when it answers and refuses: a
// changed host key, a key of ours that is not let in.
void wait_for_ssh(const Context& context, Deadline deadline);

}  // namespace berth::worker
