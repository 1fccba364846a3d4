// SPDX-License-Identifier: GPL-2.0-or-later
// Asks for the confirmation of an irreversible action: its object's name, typed
// on a terminal. A "yes" would be typed for the wrong object as well; a name
// has to be read.
#pragma once

#include <string>

namespace berth::ctl {

// Asks on standard output and reads one line of standard input. Returns false
// if the line differs, or if standard input is not a terminal: then `instead`,
// which is printed on stderr, names the option for scripts.
bool confirmed(const std::string& question, const std::string& name,
               const std::string& instead);

}  // namespace berth::ctl
