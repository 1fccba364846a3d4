// SPDX-License-Identifier: GPL-2.0-or-later
// Follows a job until it has ended, for a person or a script. It reads what
// berthd publishes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "base/config.hpp"
#include "ctl/command.hpp"

namespace berth::ctl {

struct Followed {
  std::string state;   // as in the API; empty: not published
  std::string detail;  // its detail, printable
  bool ended() const;
  bool succeeded() const;
};

// Waits at most `seconds`; with `show_steps` prints each step as it begins.
Followed follow(const Config& config, std::int64_t job, std::int64_t seconds,
                bool show_steps = false);

// Prints the end of the job's log on stdout or stderr.
void show_log(const Config& config, std::int64_t job, std::FILE* out);

// Prints "job N succeeded: DETAIL"; for any other end first the end of the log,
// and both on stderr. Returns the exit code.
int tell_end(const Config& config, std::int64_t job, const Followed& end);

}  // namespace berth::ctl
