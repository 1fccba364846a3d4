// SPDX-License-Identifier: GPL-2.0-or-later
// What would keep a step from replacing, marking or dropping a database: a
// session that Berth must not end, a lock, a prepared transaction. A single
// observation refuses nothing, because clients cause such states all the time:
// a session that is starting up holds a lock on its database for a moment and
// shows neither user nor database, monitoring connects as a superuser, an
// application prepares and commits. Only what is observed every time during
// kPasses is an obstacle.
//
// Use:
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

// Three times the second that a session takes to start, query and end on a busy
// machine.
inline constexpr std::int64_t kPasses = 3000;  // ms

struct Obstacle {
  std::string id;    // the same in every observation: "session 4711"
  std::string text;  // for an administrator: what it is and what to do
};

// Returns those obstacles of the first observation that every later one has
// confirmed; as soon as none is left, else after kPasses. Throws Interrupted.
std::vector<Obstacle> lasting(
    Link& link, const std::function<std::vector<Obstacle>()>& look);

// The texts, separated by "; ".
std::string sentence_of(const std::vector<Obstacle>& obstacles);

}  // namespace berth::worker
