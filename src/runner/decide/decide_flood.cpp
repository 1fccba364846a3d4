// SPDX-License-Identifier: GPL-2.0-or-later
// Limits on the requests of one user, so that a runaway script or a malicious
// user makes nobody else wait and does not fill the history. They apply to
// admins as well: they limit haste, not trust.
#include <algorithm>

#include "runner/decide/actions.hpp"

namespace berth::runner {
namespace {

// When a job will start is not known; a client that retries at this interval
// costs nothing.
constexpr std::int64_t kAskAgain = 30;  // seconds

Receipt too_much(Request& request, std::int64_t seconds, std::string detail) {
  request.receipt.extra["retry_after"] = seconds;
  return request.refuse(429, std::move(detail));
}

}  // namespace

std::optional<Receipt> refuse_flood(Request& request) {
  const World& world = request.world;
  const Drop& drop = request.drop;
  if (drop.by_root || !find_action(drop.action).adds_work) {
    return std::nullopt;
  }
  const JobKindRow* asked = row_of_action(drop.action);
  const auto waiting =
      std::count_if(world.jobs.begin(), world.jobs.end(), [&](const auto& j) {
        return asked && j.second.state == JobState::queued &&
               j.second.job.kind == asked->kind &&
               j.second.job.user == drop.user;
      });
  if (waiting >= world.config.most_waiting) {
    return too_much(request, kAskAgain,
                    drop.user + " has " + std::to_string(waiting) +
                        " queued " + drop.action + " jobs, the limit for one "
                        "user (`most_waiting` in berth.conf); wait for one "
                        "or cancel one");
  }
  const std::int64_t again =
      world.recent.full_for(drop.user, world.now, world.config.most_a_minute);
  if (again > 0) {
    return too_much(request, again,
                    drop.user + " has made " +
                        std::to_string(world.config.most_a_minute) +
                        " changes within a minute, the limit for one user "
                        "(`most_a_minute` in berth.conf); try again in " +
                        std::to_string(again) + " s");
  }
  return std::nullopt;
}

}  // namespace berth::runner
