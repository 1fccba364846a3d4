// SPDX-License-Identifier: GPL-2.0-or-later
// A program run to its end on this machine - svn, git, curl - as base/child's
// run(), but confined, and a cancel is seen while it runs (Interrupted, after
// the program has been stopped); what it printed on stderr comes without the
// secrets that the link hides: it is for people.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/child.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"

namespace berth::worker {

// `confinement`: what it may read and write (worker/job/confined.hpp); nobody
// runs one without saying. `pass`: descriptors it gets, under the numbers
// given.
RunResult run_program(const std::vector<std::string>& argv,
                      const Confinement& confinement, Link& link,
                      Deadline deadline, std::size_t cap = 4 << 20,
                      const std::map<int, int>& pass = {});

// Why it failed, for a message: of stderr what reason.hpp takes.
std::string complaint(const RunResult& result);

}  // namespace berth::worker
