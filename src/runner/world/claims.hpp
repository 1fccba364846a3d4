// SPDX-License-Identifier: GPL-2.0-or-later
// The claims that workers request while they run (copies:CLUSTER): each has a
// limit of holders at a time. Requests are granted in order of arrival, those
// of background jobs after all others; a worker that exits returns its claims.
// Claims are kept in memory only, because a restart of berthd ends all workers.
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
  // Returns true if the claim is granted, also if the job has it already; false
  // if the job must wait.
  bool ask(std::int64_t job, const std::string& claim, std::size_t limit,
           bool background = false);
  // The background jobs that must return the claim, one for each job of a
  // person that waits for it. Empty when no such job waits.
  std::vector<std::int64_t> in_the_way(const std::string& claim) const;
  // Returns a claim; gives the jobs to which it is thereby granted.
  std::vector<std::int64_t> give(std::int64_t job, const std::string& claim,
                                 std::size_t limit);
  // All claims that a job holds or waits for.
  std::vector<std::string> of(std::int64_t job) const;
  // The claim that a job waits for, with its place in the line.
  std::optional<Waiting> waiting(std::int64_t job) const;

 private:
  struct Asker {
    std::int64_t job = 0;
    bool background = false;
  };
  struct Line {
    std::vector<Asker> have;  // in order of grant
    std::vector<Asker> wait;
  };
  std::map<std::string, Line> lines_;
};

}  // namespace berth::runner
