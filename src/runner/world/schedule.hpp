// SPDX-License-Identifier: GPL-2.0-or-later
// Who starts now, and what everybody else waits for. A pure function of the
// queue, the active jobs and the limits: no clock, no disk.
//
// A claim is a name ("server:qa1") that one job has at a time; a job has one
// or none. First come, first served per claim, by job number; a job that waits
// for one claim never blocks one that needs none of it. People's jobs go before
// those in the background, which start only when no person's job waits for a
// worker. What a worker claims while it runs (copies:CLUSTER) is counted in
// claims.hpp.
//
// Rejected: one ordered queue for everything - a long build on one server
// would hold up all the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace berth::runner {

// What one waiting job waits for.
struct Waiting {
  std::string claim;                     // "server:qa1", "workers"
  std::optional<std::int64_t> holder;    // the job that has it
  std::string holder_user;
  std::size_t place = 1;                 // 1: next
  std::optional<std::int64_t> in_ms;     // expected start from now

  bool operator==(const Waiting&) const = default;
};

struct Queued {
  std::int64_t id = 0;
  std::string claim;                     // empty: needs none
  std::string user;
  std::optional<std::int64_t> usual_ms;  // how long such a job takes
  bool background = false;               // a refresh, a spare
  // It waits for this whatever else is free.
  std::optional<Waiting> held_back = std::nullopt;
};

struct Active {
  std::int64_t id = 0;
  std::string claim;
  std::string user;
  std::optional<std::int64_t> left_ms;   // until its expected end
};

struct Limits {
  std::size_t workers = 64;              // processes at the same time
};

struct Plan {
  std::vector<std::int64_t> start;       // in order
  std::vector<std::pair<std::int64_t, Waiting>> waiting;
};

// `queue` in order of number.
Plan schedule(const std::vector<Queued>& queue,
              const std::vector<Active>& active, const Limits& limits);

}  // namespace berth::runner
