// SPDX-License-Identifier: GPL-2.0-or-later
// A program on this machine that talks while it runs - rsync, pg_restore -
// read line by line, where a carriage return ends a line too. As with
// run_program(), a cancel is seen at once: the program and all of its process
// group are killed before Interrupted leaves.
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

// `error`: the line came from stderr, and is without the secrets that the link
// hides.
using OnLine = std::function<void(bool error, std::string_view line)>;

// What comes in pieces, as lines: none is empty, and of a long one 64 KiB are
// kept.
class StreamLines {
 public:
  using Give = std::function<void(const std::string& line)>;
  void take(std::string_view bytes, const Give& give);
  void end(const Give& give);  // the last may lack its newline

 private:
  std::string rest_;
};

// It reads what others wrote, so it is confined (worker/job/confined.hpp).
//
// Throws Error when the deadline passes, or one of the functions does; then the
// program has been stopped with TERM and, after 2 s, KILL. on_tick is called
// about once a second, whatever is said meanwhile. `pass` as in ChildOptions.
ExitStatus run_streamed(const std::vector<std::string>& argv,
                        const std::vector<std::string>& environment,
                        const Confinement& confinement, Link& link,
                        Deadline deadline, const OnLine& on_line,
                        const std::function<void()>& on_tick = {},
                        const std::map<int, int>& pass = {});

// Ours, with these variables changed ("" takes one away).
std::vector<std::string> environment_with(
    const std::map<std::string, std::string>& changes);

}  // namespace berth::worker
