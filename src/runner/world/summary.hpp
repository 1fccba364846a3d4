// SPDX-License-Identifier: GPL-2.0-or-later
// The summary of an ended job: how its history line is written, and what the
// API shows from that line. The API derives every answer about an ended job
// from the line, so the answer is the same before and after a restart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/history.hpp"
#include "store/steps.hpp"

namespace berth::runner {

// The `job` member of a history line.
json::value summary_of(const Job& job, const JobResult& result,
                       const std::vector<StepRecord>& steps, Instant finished);

// The body of GET /jobs/N of an ended job; without `steps`, its entry in GET
// /jobs.
json::object ended_body(const HistoryLine& line, bool with_steps);
// The member `last_job` of a server.
json::value last_job_of(const HistoryLine& line);
// The number of the job that a line ends; nullopt for a line that ends none.
std::optional<std::int64_t> job_of_line(const HistoryLine& line);

// The member `last_refresh` of an application.
json::value last_refresh_of(const HistoryLine& line);
// A member of a summary.
JobKind kind_in(const json::value& summary);
std::optional<Outcome> outcome_in(const json::value& summary);

// The history event of a job with this outcome, for instance "built".
std::string event_of(const Job& job, Outcome outcome);

// The state of a step after these records.
struct StepState {
  std::string name;
  std::string state = "waiting";  // running, done, failed, skipped
  std::string started_at;
  std::optional<std::int64_t> ms;
  std::optional<std::int64_t> done, total;
  std::string unit;
  std::string message;
};
std::vector<StepState> step_states(const Job& job,
                                   const std::vector<StepRecord>& records);
// The result in the last record; nullptr when it has none.
const JobResult* result_in(const std::vector<StepRecord>& records);

}  // namespace berth::runner
