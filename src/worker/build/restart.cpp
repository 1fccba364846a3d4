// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/build_steps.hpp"

namespace berth::worker {

Restarted restart(const Context& context, Guest& guest, Report& report) {
  const json::object reply =
      guest.call("restart", {{"application", context.application.name}},
                 report, context.deadline("restart"));
  Restarted out;
  const auto* offset = reply.if_contains("offset");
  if (offset && offset->is_int64()) out.error_offset = offset->as_int64();
  return out;
}

}  // namespace berth::worker
