// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/dispatch.hpp"

#include <map>

#include "runner/bodies.hpp"

namespace berth::runner {

std::string claim_of(const Job& job) {
  return job.server.empty() ? "application:" + job.application
                            : "server:" + job.server;
}

void dispatch(World& world, Ledger& ledger, bool start) {
  std::vector<Queued> queue;
  std::vector<Active> active;
  // One estimate per application, not one per job of ten thousand.
  std::map<std::string, std::optional<std::int64_t>> usual;
  for (const auto& [id, live] : world.jobs) {
    if (live.state != JobState::queued) {
      active.push_back(
          {id, claim_of(live.job), live.job.user, left_ms(world, live)});
      continue;
    }
    auto [at, fresh] = usual.try_emplace(live.job.application);
    if (fresh) at->second = usual_ms(world, live.job);
    queue.push_back({id, claim_of(live.job), live.job.user, at->second});
  }
  Plan plan = schedule(queue, active, Limits{});
  if (start) {
    for (const std::int64_t id : plan.start) ledger.activate(world.jobs.at(id));
  }
  for (auto& [id, waiting] : plan.waiting) {
    LiveJob& live = world.jobs.at(id);
    if (live.waits == waiting) continue;
    live.waits = std::move(waiting);
    world.changes.jobs.insert(id);
    world.changes.queue = true;
  }
}

}  // namespace berth::runner
