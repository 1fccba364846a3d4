// SPDX-License-Identifier: GPL-2.0-or-later
// The step `converge`: runs the guest's own configuration management first, so
// that the packages that the checkout needs are installed. The guest's
// configuration file sets the command, if there is one.
#include "worker/build/build_steps.hpp"

namespace berth::worker {

StepDone converge(const Context& context, Guest& guest, Report& report) {
  const json::object reply =
      guest.call("converge", {{"application", context.application.name}},
                 report, context.deadline("converge"));
  return {bool_or(reply, "changed", false)
              ? "made changes"
              : "no changes needed", nullptr};
}

}  // namespace berth::worker
