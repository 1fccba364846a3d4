// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of a build, one file each, in order. Each throws the exceptions of
// stop.hpp and error.hpp, and returns a line for people. database and checkout
// run as child steps (job/child_steps.hpp). An undo uses the steps from switch
// on, and has its own preflight (undo.hpp).
#pragma once

#include <string>

#include "step/report.hpp"
#include "step/step_done.hpp"
#include "worker/guest/guest.hpp"
#include "worker/job/context.hpp"

namespace berth::worker {

// Opens the guest's connection. All that can be checked in advance is checked
// here, before anything is created.
StepDone preflight(const Context& context, Guest& guest, Report& report,
                   Plan& plan);
// Runs the guest's own configuration management; only if the plan says so.
StepDone converge(const Context& context, Guest& guest, Report& report);
// note: {"oid":N} of the copy, whose name is in the plan.
StepDone make_database(const Context& context, const Plan& plan,
                       Report& report);
StepDone check_out(const Context& context, const Plan& plan, Guest& guest,
                   Report& report);
// Renders, and stages the files on the guest.
StepDone render_files(const Context& context, const Plan& plan, Guest& guest,
                      Report& report);
// where: "idle" or "current".
StepDone prepare(const Context& context, Guest& guest, const char* where,
                 Report& report);

// The guest's part of a switch: the verb `switch` or `undo`. switch_over() adds
// the application to the arguments.
struct GuestSwitch {
  std::string verb;
  json::object arguments;
};
// Up to and including the commit point. The caller has asked berthd for
// permission to commit before.
StepDone switch_over(const Context& context, const Plan& plan,
                     const GuestSwitch& on_guest, Guest& guest,
                     Report& report);

struct Restarted {
  std::string message;
  std::int64_t error_offset = 0;  // end of the guest's error log before it
};
Restarted restart(const Context& context, Guest& guest, Report& report);
// Throws Error when verify's `ca` cannot be read, before anything is created.
void require_verify_ca(const Context& context);
// On a failure the status, the first lines of the reply and the new lines of
// the guest's error log are logged.
std::string verify(const Context& context, Guest& guest,
                   std::int64_t error_offset, Report& report);

}  // namespace berth::worker
