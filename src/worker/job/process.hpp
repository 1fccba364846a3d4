// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a confined program on this machine (svn, git, curl) to its end. It
// differs from base/child's run() in three points: the program is confined, a
// cancel takes effect while it runs (Interrupted is thrown after the program
// has been stopped), and its stderr, which is meant for people, is masked with
// the link's mask.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/child.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"

namespace berth::worker {

// `confinement`: the files it may read and write (worker/job/confined.hpp); it
// has no default, so that every caller decides. `pass`: descriptors to pass, by
// their numbers in the child.
RunResult run_program(const std::vector<std::string>& argv,
                      const Confinement& confinement, Link& link,
                      Deadline deadline, std::size_t cap = 4 << 20,
                      const std::map<int, int>& pass = {});

// Why the program failed, for a message: the line of stderr that reason.hpp
// selects, else its exit status.
std::string complaint(const RunResult& result);

}  // namespace berth::worker
