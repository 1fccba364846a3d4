// SPDX-License-Identifier: GPL-2.0-or-later
// The end of a log, for a message: at most `count` lines of the last 64 KiB,
// each printable. Empty if there is no such file.
#pragma once

#include <string>
#include <vector>

namespace berth::ctl {

std::vector<std::string> last_lines(const std::string& file, std::size_t count);

}  // namespace berth::ctl
