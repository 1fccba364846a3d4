// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/undo.hpp"

#include "worker/act.hpp"

namespace berth::worker {

void undo_job(const Context& context, Journal& journal, const StepsRead&,
              bool resumed) {
  run_act(context, journal, resumed, [&](Act&) -> JobResult {
    throw Error("do", context.job.kind, "not in this version yet");
  });
}

}  // namespace berth::worker
