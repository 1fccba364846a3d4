// SPDX-License-Identifier: GPL-2.0-or-later
// The format of a history file: names, the head, the incomplete last line.
// Shared by the writer (history.cpp) and the web side's reader
// (history.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.hpp"

namespace berth {

std::string history_file_name(const std::string& subject);
std::string history_head(const std::string& subject);  // including its newline

// The file, or of a file over 16 MiB its head and the complete lines in the
// last 16 MiB, newest last: the last valid line is the state, and an overlong
// file must not keep berthd from starting. nullopt: there is none.
std::optional<std::string> read_newest(const Dir& dir,
                                       const std::string& name);

struct HistoryText {
  std::vector<std::string_view> lines;  // without head and incomplete last line
  std::string problem;  // of an unreadable head, which is then a line
};
// Throws Error if the head has a newer format.
HistoryText split_history(std::string_view text, const std::string& path);

// Truncates the file to its last newline; returns the number of bytes removed.
std::int64_t cut_torn_tail(int fd, const std::string& path);

}  // namespace berth
