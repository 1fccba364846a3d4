// SPDX-License-Identifier: GPL-2.0-or-later
// Decides which queued jobs start now, and what the others wait for. A pure
// function of the queue, the active jobs and the limits: no clock, no disk.
//
// A claim is a name ("server:qa1") that one job holds at a time; a job has at
// most one. Jobs with the same claim run in order of their numbers; a job that
// waits for its claim never blocks a job with another. Background jobs start
// only when no person's job waits for a worker. The claims that workers request
// while they run (copies:CLUSTER) are in claims.hpp.
//
// Rejected: one ordered queue for everything, because a long build on one
// server would hold up all the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace berth::runner {

// What a queued job waits for.
struct Waiting {
  std::string claim;                     // "server:qa1", "workers"
  std::optional<std::int64_t> holder;    // the job that holds it
  std::string holder_user;
  std::size_t place = 1;                 // 1: next
  std::optional<std::int64_t> in_ms;     // expected start from now

  bool operator==(const Waiting&) const = default;
};

struct Queued {
  std::int64_t id = 0;
  std::string claim;                     // empty: none
  std::string user;
  std::optional<std::int64_t> usual_ms;  // expected duration
  bool background = false;  // a refresh, a spare or a check of berthd
  // Set when the job must wait for this whatever else is free.
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

// `queue` is in order of job number.
Plan schedule(const std::vector<Queued>& queue,
              const std::vector<Active>& active, const Limits& limits);

}  // namespace berth::runner
