// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/dispatch.hpp"

#include <map>

#include "runner/decide/spares.hpp"
#include "runner/world/estimate.hpp"
#include "runner/world/job_claim.hpp"

namespace berth::runner {

namespace {

// A spare does not start while a person's database is being made on its
// cluster: it would have to yield at once.
class HeldBack {
 public:
  explicit HeldBack(const World& world) : world_(world) {}
  std::optional<Waiting> of(const Job& job) {
    if (job.kind != JobKind::spare) return std::nullopt;
    if (!people_) people_ = database_jobs(world_);
    const std::string cluster = cluster_of(world_.config, job);
    const auto found = people_->find(cluster);
    if (found == people_->end()) return std::nullopt;
    Waiting out;
    out.claim = "copies:" + cluster;
    out.holder = found->second->id;
    out.holder_user = found->second->user;
    return out;
  }

 private:
  const World& world_;
  std::optional<std::map<std::string, const Job*>> people_;
};

}  // namespace

void dispatch(World& world, Ledger& ledger, bool start) {
  std::vector<Queued> queue;
  std::vector<Active> active;
  HeldBack held_back(world);
  // One estimate per kind and application, not one per job of ten thousand.
  std::map<std::pair<JobKind, std::string>, std::optional<std::int64_t>>
      usual;
  for (const auto& [id, live] : world.jobs) {
    const Job& job = live.job;
    const std::string claim = claim_of(world.config, job);
    if (live.state != JobState::queued) {
      active.push_back({id, claim, job.user, left_ms(world, live)});
      continue;
    }
    auto [at, fresh] = usual.try_emplace({job.kind, job.application});
    if (fresh) at->second = usual_ms(world, job);
    queue.push_back({id, claim, job.user, at->second, in_background(job),
                     held_back.of(job)});
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
