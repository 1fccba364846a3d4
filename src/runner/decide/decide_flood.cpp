// SPDX-License-Identifier: GPL-2.0-or-later
// Bounds on what one user may ask for, so that a script that runs wild, or
// somebody who means harm, keeps nobody else waiting and fills no history.
// They hold for admins, too: they bound haste, not trust.
#include <algorithm>

#include "runner/decide/actions.hpp"

namespace berth::runner {
namespace {

// When a job will start is not known; a client that asks this often costs
// nothing.
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
                    drop.user + " has " + std::to_string(waiting) + " " +
                        drop.action + " jobs waiting, as many as a user may "
                        "have (`most_waiting` in berth.conf); wait for one, "
                        "or cancel one");
  }
  const std::int64_t again =
      world.recent.full_for(drop.user, world.now, world.config.most_a_minute);
  if (again > 0) {
    return too_much(request, again,
                    drop.user + " has asked for " +
                        std::to_string(world.config.most_a_minute) +
                        " changes within a minute, as many as a user may "
                        "(`most_a_minute` in berth.conf); ask again in " +
                        std::to_string(again) + " s");
  }
  return std::nullopt;
}

}  // namespace berth::runner
