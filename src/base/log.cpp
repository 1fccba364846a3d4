// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.hpp"

#include <unistd.h>

#include <utility>

#include "base/text.hpp"

namespace berth {
namespace {

std::string program_name = "berth";

void put(const char* level, std::string_view line) {
  // Two kilobytes: a longer line is output of another program by mistake.
  const std::string out =
      level + program_name + ": " + printable(line, 2000) + "\n";
  // Nothing can be done if stderr is closed.
  [[maybe_unused]] const ssize_t n = ::write(2, out.data(), out.size());
}

}  // namespace

void log_as(std::string program) { program_name = std::move(program); }
void log_info(std::string_view line) { put("<6>", line); }
void log_warning(std::string_view line) { put("<4>", line); }
void log_error(std::string_view line) { put("<3>", line); }

}  // namespace berth
