// SPDX-License-Identifier: GPL-2.0-or-later
// A command on a machine over the ssh of the administrator who runs berthctl:
// his configuration, his agent, his known_hosts, his terminal for passwords and
// questions. Never berth's key, which opens nothing but berth-guest.
#pragma once

#include <string>

#include "base/child.hpp"

namespace berth::ctl {

// `login`: what ssh takes as a destination, USER@ADDRESS. `command` is for the
// shell there and runs as root, by sudo if the login is another; it may hold
// no quotation marks and no $. `input` is its stdin; what ssh and it complain
// of goes to our stderr line by line, as printable() has it.
RunResult run_as_admin(const std::string& login, const std::string& command,
                       const std::string& input, std::int64_t seconds);

}  // namespace berth::ctl
