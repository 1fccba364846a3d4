// SPDX-License-Identifier: GPL-2.0-or-later
// The bytes of a history file: names, the head, the torn tail. Shared by the
// writer (history.cpp) and the reader of the web side (history_read.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.hpp"

namespace berth {

std::string history_file_name(const std::string& subject);
std::string history_head(const std::string& subject);  // with its newline

// The file, or of one over 16 MiB its head and whole lines of the last 16 MiB,
// newest last: the last good line is the state, and a file that grew beyond all
// measure must not keep berthd from starting. nullopt: there is none.
std::optional<std::string> read_newest(const Dir& dir,
                                       const std::string& name);

struct HistoryText {
  std::vector<std::string_view> lines;  // without the head and a torn tail
  std::string problem;  // of a head that cannot be read, which is a line then
};
// Throws Error when the head is of a newer format.
HistoryText split_history(std::string_view text, const std::string& path);

// Cuts the file back to its last newline; the bytes cut.
std::int64_t cut_torn_tail(int fd, const std::string& path);

}  // namespace berth
