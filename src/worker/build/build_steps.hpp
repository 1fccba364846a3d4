// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of a build, one file each, in their order. Each throws what
// stop.hpp and error.hpp tell; each returns a line for people. database and
// checkout run as child steps of their own (pair.hpp). An undo has the steps
// from switch on, and a preflight of its own (undo.hpp).
#pragma once

#include <string>

#include "step/report.hpp"
#include "step/step_done.hpp"
#include "worker/guest/guest.hpp"
#include "worker/job/context.hpp"

namespace berth::worker {

// Opens the guest's connection. Everything that can be refused is refused
// here, before anything is made.
StepDone preflight(const Context& context, Guest& guest, Report& report,
                   Plan& plan);
// The guest's own configuration management; only where the plan says so.
StepDone converge(const Context& context, Guest& guest, Report& report);
// note: {"oid":N} of the copy, whose name is the plan's.
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

// The guest's part of a switch: `switch`, or an `undo`. The application is
// added to the arguments.
struct GuestSwitch {
  std::string verb;
  json::object arguments;
};
// Up to and with the commit point, which has been asked for before.
StepDone switch_over(const Context& context, const Plan& plan,
                     const GuestSwitch& on_guest, Guest& guest,
                     Report& report);

struct Restarted {
  std::string message;
  std::int64_t error_offset = 0;  // of the guest's error log before
};
Restarted restart(const Context& context, Guest& guest, Report& report);
// Throws Error when verify's `ca` cannot be read: before anything is made.
void require_verify_ca(const Context& context);
// Fails with the status and the first lines of the reply; the log then has
// them and what the guest's error log gained.
std::string verify(const Context& context, Guest& guest,
                   std::int64_t error_offset, Report& report);

}  // namespace berth::worker
