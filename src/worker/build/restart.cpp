// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/build_steps.hpp"

namespace berth::worker {

Restarted restart(const Context& context, Guest& guest, Report& report) {
  const json::object reply =
      guest.call("restart", {{"application", context.application.name}},
                 report, context.deadline("restart"));
  Restarted out;
  out.error_offset = int64_or(reply, "offset", out.error_offset);
  return out;
}

}  // namespace berth::worker
