// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/schedule.hpp"

#include <string_view>
#include <unordered_map>

namespace berth::runner {
namespace {

// A claim while the plan is made: its holder, and the number of jobs that wait.
struct Line {
  std::int64_t holder = 0;
  std::string_view user;
  // until the next job in the line gets it
  std::optional<std::int64_t> free_in;
  std::size_t waiting = 0;
};

std::optional<std::int64_t> sum(std::optional<std::int64_t> a,
                                std::optional<std::int64_t> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}

}  // namespace

Plan schedule(const std::vector<Queued>& queue,
              const std::vector<Active>& active, const Limits& limits) {
  std::unordered_map<std::string_view, Line> lines;
  for (const auto& job : active) {
    if (job.claim.empty()) continue;
    lines[job.claim] = Line{job.id, job.user, job.left_ms, 0};
  }
  Plan plan;
  std::size_t running = active.size();
  std::size_t short_of_workers = 0;
  const auto place = [&](const Queued& job) {
    if (job.held_back) {
      plan.waiting.emplace_back(job.id, *job.held_back);
      return;
    }
    const auto line = job.claim.empty() ? lines.end() : lines.find(job.claim);
    if (line != lines.end()) {
      Line& at = line->second;
      ++at.waiting;
      plan.waiting.emplace_back(
          job.id, Waiting{job.claim, at.holder, std::string(at.user),
                          at.waiting, at.free_in});
      at.free_in = sum(at.free_in, job.usual_ms);
      return;
    }
    const bool starts = running < limits.workers &&
                        (!job.background || short_of_workers == 0);
    if (starts) {
      ++running;
      plan.start.push_back(job.id);
    } else {
      ++short_of_workers;
      plan.waiting.emplace_back(
          job.id, Waiting{"workers", std::nullopt, "", short_of_workers,
                          std::nullopt});
    }
    if (!job.claim.empty()) {
      // Started or not, the job is first in this line: none overtakes it.
      lines[job.claim] = Line{job.id, job.user,
                              starts ? job.usual_ms : std::nullopt, 0};
    }
  };
  for (const auto& job : queue) {
    if (!job.background) place(job);
  }
  for (const auto& job : queue) {
    if (job.background) place(job);
  }
  return plan;
}

}  // namespace berth::runner
