// SPDX-License-Identifier: GPL-2.0-or-later
// What workers claim while they run: copies:CLUSTER, counted. First come,
// first served, jobs in the background after all others; whoever dies gives
// back what it had. Kept in memory only: a restart of berthd ends all workers,
// and with them all these claims.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/world/schedule.hpp"

namespace berth::runner {

class Claims {
 public:
  // True: granted now (also when it has it already). False: it waits.
  bool ask(std::int64_t job, const std::string& claim, std::size_t limit,
           bool background = false);
  // Who is to make way: one in the background that has the claim for each
  // that waits for it and is not. Empty when nobody like that waits.
  std::vector<std::int64_t> in_the_way(const std::string& claim) const;
  // Gives it back; those whose turn it is now are returned, granted.
  std::vector<std::int64_t> give(std::int64_t job, const std::string& claim,
                                 std::size_t limit);
  // All claims that a job has or waits for.
  std::vector<std::string> of(std::int64_t job) const;
  // What it waits for, with its place.
  std::optional<Waiting> waiting(std::int64_t job) const;

 private:
  struct Asker {
    std::int64_t job = 0;
    bool background = false;
  };
  struct Line {
    std::vector<Asker> have;  // in order of their grants
    std::vector<Asker> wait;
  };
  std::map<std::string, Line> lines_;
};

}  // namespace berth::runner
