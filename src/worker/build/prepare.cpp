// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/build_steps.hpp"

namespace berth::worker {

StepDone prepare(const Context& context, Guest& guest, const char* where,
                 Report& report) {
  const json::object reply = guest.call(
      "prepare",
      {{"application", context.application.name}, {"where", where}}, report,
      context.deadline("prepare"));
  const auto* commands = reply.if_contains("commands");
  return {(commands ? json::serialize(*commands) : "?") + " commands",
          nullptr};
}

}  // namespace berth::worker
