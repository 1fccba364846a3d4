// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/confirm.hpp"

#include <unistd.h>

#include <cstdio>

namespace berth::ctl {
namespace {

// Without the newline; text longer than any name is cut.
std::string typed_line() {
  std::string line;
  char c = 0;
  while (line.size() < 256 && ::read(0, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace

bool confirmed(const std::string& question, const std::string& name,
               const std::string& instead) {
  std::fflush(stdout);
  if (::isatty(0) == 0) {
    std::fprintf(stderr, "berthctl: not confirmed: standard input is not a "
                 "terminal; %s\n", instead.c_str());
    return false;
  }
  std::printf("%s\nType %s to continue: ", question.c_str(), name.c_str());
  std::fflush(stdout);
  if (typed_line() == name) return true;
  std::fprintf(stderr, "berthctl: not confirmed; nothing was changed\n");
  return false;
}

}  // namespace berth::ctl
