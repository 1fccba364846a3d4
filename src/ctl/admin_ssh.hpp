// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a command on a machine over the ssh of the administrator who runs
// berthctl: with his configuration, agent and known_hosts, and with his
// terminal for passwords and questions. It never uses berth's key, which opens
// nothing but berth-guest.
#pragma once

#include <string>

#include "base/child.hpp"

namespace berth::ctl {

// `login` is ssh's destination, USER@ADDRESS. `command` is a shell command that
// runs as root there, with sudo if the login is another user; it must not
// contain quotation marks or $. `input` is its stdin. The stderr of ssh and of
// the command is copied to our stderr line by line, as printable() makes it.
RunResult run_as_admin(const std::string& login, const std::string& command,
                       const std::string& input, std::int64_t seconds);

}  // namespace berth::ctl
