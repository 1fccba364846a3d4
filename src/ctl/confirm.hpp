// SPDX-License-Identifier: GPL-2.0-or-later
// What cannot be taken back is confirmed by its name, typed on a terminal. A
// "yes" would be typed for the wrong thing as well; a name has to be read.
#pragma once

#include <string>

namespace berth::ctl {

// Asks on standard output and reads one line of standard input. False when the
// line is another, and when standard input is no terminal: then `instead`
// says on stderr what a script gives.
bool confirmed(const std::string& question, const std::string& name,
               const std::string& instead);

}  // namespace berth::ctl
