// SPDX-License-Identifier: GPL-2.0-or-later
// Expected durations: the median of the last ten successes, per kind of job,
// application and step. They are learned from the history at start and from
// every job that ends, and give the progress bar and "about 40 s left".
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "model/job_kind.hpp"

namespace berth::runner {

class Usual {
 public:
  // `summary` is the `job` member of a history line. A job that found nothing
  // to do (a dump that is no newer) is ignored: it says nothing about those
  // that do.
  void learn(const json::value& summary);

  std::optional<std::int64_t> step(JobKind kind,
                                   const std::string& application,
                                   const std::string& name) const;
  // The duration of the whole job.
  std::optional<std::int64_t> job(JobKind kind,
                                  const std::string& application) const;
  json::object steps(JobKind kind,
                     const std::string& application) const;

 private:
  using Last = std::deque<std::int64_t>;
  // {kind, application} -> step -> milliseconds; the whole job is under "".
  std::map<std::pair<JobKind, std::string>, std::map<std::string, Last>>
      last_;
};

}  // namespace berth::runner
