// SPDX-License-Identifier: GPL-2.0-or-later
// Where a guest is reached: a HostName that ssh_config gives its server wins;
// else the first address that berth-watch saw; else its name, as ssh resolves
// it. Whatever it is, the host key must be the server's.
#pragma once

#include <string>

#include "base/config.hpp"
#include "step/link.hpp"

namespace berth::worker {

// Empty: ssh is to find it itself.
std::string guest_address(const Config& config, const std::string& server,
                          Link& link);

}  // namespace berth::worker
