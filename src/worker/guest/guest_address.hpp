// SPDX-License-Identifier: GPL-2.0-or-later
// The address of a guest: a HostName in ssh_config takes precedence, then the
// first address that berth-watch saw, then the server's name as ssh resolves
// it. The host key must be the server's in any case.
#pragma once

#include <string>

#include "base/config.hpp"
#include "step/link.hpp"

namespace berth::worker {

// Empty: ssh finds it itself.
std::string guest_address(const Config& config, const std::string& server,
                          Link& link);

}  // namespace berth::worker
