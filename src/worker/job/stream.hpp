// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a program on this machine (rsync, pg_restore) and reads its output line
// by line while it runs; a carriage return ends a line as well. As with
// run_program(), a cancel takes effect at once: the program and its whole
// process group are killed before Interrupted is thrown.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/child.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"

namespace berth::worker {

// `error`: the line came from stderr; such lines are masked with the link's
// mask.
using OnLine = std::function<void(bool error, std::string_view line)>;

// Splits a stream of bytes into lines. Empty lines are skipped, and only the
// first 64 KiB of a line are kept.
class StreamLines {
 public:
  using Give = std::function<void(const std::string& line)>;
  void take(std::string_view bytes, const Give& give);
  void end(const Give& give);  // the last line may lack its newline

 private:
  std::string rest_;
};

// The program is confined (worker/job/confined.hpp), because it reads what
// others wrote.
//
// Throws Error when the deadline passes, and passes on what on_line or on_tick
// throws; the program has then been stopped with TERM and, after 2 s, KILL.
// on_tick is called about once a second, whether there is output or not. `pass`
// is as in ChildOptions.
ExitStatus run_streamed(const std::vector<std::string>& argv,
                        const std::vector<std::string>& environment,
                        const Confinement& confinement, Link& link,
                        Deadline deadline, const OnLine& on_line,
                        const std::function<void()>& on_tick = {},
                        const std::map<int, int>& pass = {});

// The environment of this process with these changes ("" removes a variable).
std::vector<std::string> environment_with(
    const std::map<std::string, std::string>& changes);

}  // namespace berth::worker
