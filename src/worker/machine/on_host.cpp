// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/machine/on_host.hpp"

#include <algorithm>

#include "base/programs.hpp"
#include "store/host_state.hpp"
#include "store/state.hpp"
#include "worker/job/step_processes.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kOpenTime = 30;  // seconds, to connect to a host

}  // namespace

StepDone run_on_host(const Context& context, Journal& journal, int lock_fd,
                     const HostWork& work, bool& begun) {
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
    begun = begun || it.begun;
    throw;
  }
  begun = begun || it.begun;
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

namespace {

constexpr std::int64_t kSeenWithin = 5;  // seconds
constexpr std::int64_t kHostLook = 50;   // ms

}  // namespace

const HostConfig& host_of(const Config& config, const Layout& layout,
                          const std::string& server) {
  const State state(layout.state);
  const HostConfig* found = nullptr;
  for (const auto& seen : find_server(config, state, server)) {
    if (found) {
      throw Error("find", server,
                  "it is a domain on " + found->name + " and on " +
                      seen.host.name + "; rename one, or give it an alias");
    }
    found = &seen.host;
  }
  if (!found) throw Error("find", server, "no host lists it");
  return *found;
}

void await_seen(const Context& context, const HostConfig& host,
                const std::function<bool(const DomainState&)>& wanted) {
  if (context.link.by_hand()) return;
  context.link.send({{"look", host.name}});
  const State state(context.layout.state);
  const Deadline end = Deadline::in_s(kSeenWithin);
  while (!end.passed()) {
    const auto seen = read_host_state(state, host.name);
    if (!seen) return;
    for (const auto& domain : seen->domains) {
      if (domain.server == context.job.server && wanted(domain)) return;
    }
    context.link.sleep(kHostLook);
  }
}

}  // namespace berth::worker
