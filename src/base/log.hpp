// SPDX-License-Identifier: GPL-2.0-or-later
// Lines for the operator on stderr, with the level in front that the journal
// understands (sd-daemon(3)). One line is one write. What comes from outside
// goes through printable(), so that nobody can forge a line.
#pragma once

#include <string>
#include <string_view>

namespace berth {

// The name in front of every line: "berthd". Set once, by main.
void log_as(std::string program);

void log_info(std::string_view line);
void log_warning(std::string_view line);
void log_error(std::string_view line);

}  // namespace berth
