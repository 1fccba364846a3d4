// SPDX-License-Identifier: GPL-2.0-or-later
// Log lines on stderr, with the level prefix that the journal reads
// (sd-daemon(3)). One line is one write. Text from outside must pass through
// printable(), so that nobody can forge a line.
#pragma once

#include <string>
#include <string_view>

namespace berth {

// Sets the prefix of every line, "berthd". Called once, by main.
void log_as(std::string program);

void log_info(std::string_view line);
void log_warning(std::string_view line);
void log_error(std::string_view line);

}  // namespace berth
