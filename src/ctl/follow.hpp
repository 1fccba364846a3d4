// SPDX-License-Identifier: GPL-2.0-or-later
// Stays with a job until it has ended, for a person or a script that wants to
// know. What is read is what berthd publishes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "base/config.hpp"
#include "ctl/command.hpp"

namespace berth::ctl {

struct Followed {
  std::string state;   // as the API has it; empty: nothing is published
  std::string detail;  // its one line for people, printable
  bool ended() const;
  bool succeeded() const;
};

// Waits at most so many seconds; `show_steps` prints each step as it begins.
Followed follow(const Config& config, std::int64_t job, std::int64_t seconds,
                bool show_steps = false);

// The end of its log, on stdout or stderr.
void show_log(const Config& config, std::int64_t job, std::FILE* out);

// Prints "job N succeeded: DETAIL"; of one that did not, on stderr, the end of
// its log first. The exit code.
int tell_end(const Config& config, std::int64_t job, const Followed& end);

}  // namespace berth::ctl
