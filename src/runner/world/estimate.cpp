// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/estimate.hpp"

#include <algorithm>

#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

bool skipped(const Job& job, const std::string& step) {
  if (job.kind != JobKind::build) return false;
  if (step == "database") return job.text("database") == "none";
  return (step == "checkout" || step == "converge") && !job.flag("checkout");
}

// The expected rest of a step: none of a step that has ended; of a running one,
// the part that its progress leaves or, without progress, its elapsed time.
std::int64_t left_of(const StepState& step, std::int64_t usual, Instant now) {
  if (step.state == "done" || step.state == "skipped" ||
      step.state == "failed") {
    return 0;
  }
  if (step.state != "running") return usual;
  if (step.done && step.total && *step.total > 0) {
    const double share = static_cast<double>(*step.done) /
                         static_cast<double>(*step.total);
    return static_cast<std::int64_t>(static_cast<double>(usual) *
                                     (1 - std::clamp(share, 0.0, 1.0)));
  }
  const Instant since = parse_rfc3339(step.started_at).value_or(now);
  return std::max<std::int64_t>(0, usual - (now - since) * 1000);
}

}  // namespace

std::optional<std::int64_t> left_ms(const World& world, const LiveJob& live) {
  // Its guest or cluster is unreachable, and nobody knows for how long.
  if (live.state == JobState::unsettled) return std::nullopt;
  std::int64_t sum = 0;
  std::int64_t both = 0;  // database and checkout run in parallel
  bool any = false;
  for (const auto& step : step_states(live.job, live.steps)) {
    const auto usual = world.usual.step(live.job.kind, live.job.application,
                                        step.name);
    if (!usual || skipped(live.job, step.name)) continue;
    any = true;
    const std::int64_t left = left_of(step, *usual, world.now);
    const bool side_by_side =
        live.job.kind == JobKind::build &&
        (step.name == "database" || step.name == "checkout");
    if (side_by_side) {
      both = std::max(both, left);
    } else {
      sum += left;
    }
  }
  if (!any) return std::nullopt;
  return sum + both;
}

std::optional<std::int64_t> usual_ms(const World& world, const Job& job) {
  LiveJob fresh;
  fresh.job = job;
  return left_ms(world, fresh);
}

}  // namespace berth::runner
