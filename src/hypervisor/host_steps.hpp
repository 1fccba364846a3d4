// SPDX-License-Identifier: GPL-2.0-or-later
// The steps, or parts of steps, that work on a host, by name: what
// `berth-hypervisor --config FILE HOST STEP SECONDS ARGUMENTS` does, with
// descriptor 3 a socket to the worker (link.hpp) and descriptor 4 the job's
// lock. Each opens nothing itself, is given its arguments by the worker that
// started it (on_host.hpp), and may be killed at any instant.
//
//   told(call)        just before the first call that changes something: from
//                     here on a dead or killed step may have done its work
//   hold_on()         the same for what must come to its end: with the argument
//                     `commit` berthd is asked, and no cancel comes through any
//                     more; without it one is heard when the step has ended
#pragma once

#include "hypervisor/hypervisor.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"
#include "step/report.hpp"
#include "step/step_done.hpp"

namespace berth::hypervisor {

struct HostCall {
  Hypervisor& hypervisor;
  const json::object& arguments;
  Deadline deadline;
  Link& link;
  Report& report;

  void told() const;
  void hold_on() const;
  std::string text(const char* argument) const;
  std::int64_t number(const char* argument) const;
  bool flag(const char* argument) const;
};
using HostStep = StepDone (*)(HostCall& call);

// nullptr: no step of that name.
HostStep host_step(const std::string& name);

}  // namespace berth::hypervisor
