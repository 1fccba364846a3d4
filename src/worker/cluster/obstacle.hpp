// SPDX-License-Identifier: GPL-2.0-or-later
// What would keep a step from replacing, marking or dropping a database: a
// session that Berth must not end, a lock, a prepared transaction. One look
// refuses nothing, because clients cause such all day: a session that is
// starting up holds a lock on its database for a moment and shows neither user
// nor database, monitoring connects as a superuser, an application prepares and
// commits. Only what every look finds for kPasses is an obstacle.
//
//   const auto stays =
//       lasting(link, [&] { return in_the_way(cluster, live); });
//   if (!stays.empty()) throw Error(..., sentence_of(stays));
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "step/link.hpp"

namespace berth::worker {

// Three times the second that a session takes to start, ask and end on a busy
// machine.
inline constexpr std::int64_t kPasses = 3000;  // ms

struct Obstacle {
  std::string id;    // the same in every look: "session 4711"
  std::string text;  // a sentence for an admin
};

// Of those that the first look finds, what each look since has found as well;
// returns as soon as that is nothing, else after kPasses. Throws Interrupted.
std::vector<Obstacle> lasting(
    Link& link, const std::function<std::vector<Obstacle>()>& look);

// Their texts, separated by "; ".
std::string sentence_of(const std::vector<Obstacle>& obstacles);

}  // namespace berth::worker
