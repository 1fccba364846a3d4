// SPDX-License-Identifier: GPL-2.0-or-later
// The step `converge`: the guest's own configuration management first, so that
// the checkout finds the packages it was written for. Which command that is,
// and whether there is one, the guest's file says.
#include "worker/build/build_steps.hpp"

namespace berth::worker {

StepDone converge(const Context& context, Guest& guest, Report& report) {
  const json::object reply =
      guest.call("converge", {{"application", context.application.name}},
                 report, context.deadline("converge"));
  return {bool_or(reply, "changed", false)
              ? "changed what was not as it should be"
              : "nothing to change",
          nullptr};
}

}  // namespace berth::worker
