// SPDX-License-Identifier: GPL-2.0-or-later
// Selects the line of a failed program's stderr that names the reason. git,
// ssh, svn, curl and rsync print the reason first and then that they failed, so
// the last line ("and the repository exists.") does not help. All code that
// turns stderr into an Error uses this.
//
// The first line that the program marks as an error is taken ("fatal: ", "svn:
// E...", "ssh: ..."), unless it only repeats that the program failed; else the
// first line that is neither a warning nor advice. A line that ends with ":" is
// joined with the next one. Pure, and safe for any bytes.
//
// Only English messages are recognized: a program must be started with the
// locale C or C.UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace berth::worker {

// Returns at most 300 bytes on one line without control characters; empty for a
// text without lines.
std::string reason_in(std::string_view text);

// The same for text of a guest, in which other output is mixed: the first line
// that is marked as an error, else the last line.
std::string reason_among(std::string_view text);

}  // namespace berth::worker
