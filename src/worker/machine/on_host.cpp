// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/machine/on_host.hpp"

#include <algorithm>

#include "base/programs.hpp"
#include "worker/job/step_processes.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kOpenTime = 30;  // seconds, to connect to a host

}  // namespace

StepDone run_on_host(const Context& context, Journal& journal, int lock_fd,
                     const HostWork& work, bool& told) {
  const HostConfig& host = work.host;
  const std::string where = "host " + host.name + " (" + host.uri + ")";
  std::vector<StepProcess> running;
  running.push_back(
      start_step(work.in,
                 {program_path("berth-hypervisor"), "--config",
                  context.config.file, host.name, work.step,
                  std::to_string(work.seconds),
                  json::serialize(work.arguments)},
                 lock_fd));
  // It has nothing to undo; a call that hangs ends only with its process.
  StepProcesses processes(std::move(running), context.link, journal, false, 0);
  const StepProcess& it = processes.all()[0];
  const bool was_shielded = context.link.shielded();
  const std::int64_t open = std::min(kOpenTime, work.seconds);
  bool in_time = false;
  try {
    in_time = processes.run_until(
        Deadline::in_s(open), Deadline::in_s(work.seconds + kHostGrace));
  } catch (const Interrupted&) {
    told = told || it.told;
    throw;
  }
  told = told || it.told;
  if (!was_shielded) context.link.unshield();
  if (!in_time && !it.open) {
    throw Away("reach", where,
               "no answer within " + std::to_string(open) + " s");
  }
  if (!in_time) {
    throw Away("work on", where,
               "it did not finish within " + std::to_string(work.seconds) +
                   " s");
  }
  if (processes.failed()) {
    const std::string text = it.message();
    if (bool_or(*it.end, "away", false)) throw HostAway(text);
    throw StepFailed(work.in, text);
  }
  return {it.message(), it.note()};
}

}  // namespace berth::worker
