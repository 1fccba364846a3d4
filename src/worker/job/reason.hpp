// SPDX-License-Identifier: GPL-2.0-or-later
// Which line of a failed program's stderr names the reason. git, ssh, svn,
// curl and rsync print it first and then say that they failed; the last line
// ("and the repository exists.") is of no use. Everything that turns stderr
// into an Error asks here.
//
// The first line that the program marks as an error is taken ("fatal: ",
// "svn: E...", "ssh: ..."), unless it only repeats that there was one; else the
// first line that is neither a warning nor advice. A line that ends with ":"
// takes the next one with it. Pure; safe for any bytes.
//
// Messages are matched in English: who starts a program gives it the locale C
// or C.UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace berth::worker {

// At most 300 bytes on one line without control characters; empty for text
// without a line.
std::string reason_in(std::string_view text);

// The same of text with other output in it, from a guest: the first line that
// is marked as an error, else the last line.
std::string reason_among(std::string_view text);

}  // namespace berth::worker
