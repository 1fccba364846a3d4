// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/drop.hpp"

#include "worker/act.hpp"

namespace berth::worker {

void drop_job(const Context& context, Journal& journal, bool resumed) {
  run_act(context, journal, resumed, [&](Act&) -> JobResult {
    throw Error("do", context.job.kind, "not in this version yet");
  });
}

}  // namespace berth::worker
