// SPDX-License-Identifier: GPL-2.0-or-later
// The steps that berth-hypervisor executes on a host, by name, as
// `berth-hypervisor --config FILE HOST STEP SECONDS ARGUMENTS`. Descriptor 3 is
// a socket to the worker (step/link.hpp), descriptor 4 the job's lock. A step
// opens nothing itself, gets its arguments from the worker that started it
// (worker/machine/on_host.hpp), and may be killed at any time.
//
//   begun()     must be called just before the first call that changes
//               something: if the step dies after it, its work may have been
//               done
//   hold_on()   the same for an operation that must not be interrupted. With
//               the argument `commit` berthd is asked first, and no cancel is
//               accepted afterwards; without it a cancel takes effect after the
//               step
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

  void begun() const;
  void hold_on() const;
  std::string text(const char* argument) const;
  std::int64_t number(const char* argument) const;
  bool flag(const char* argument) const;
};
using HostStep = StepDone (*)(HostCall& call);

// nullptr: there is no step of that name.
HostStep host_step(const std::string& name);

}  // namespace berth::hypervisor
