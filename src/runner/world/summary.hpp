// SPDX-License-Identifier: GPL-2.0-or-later
// A job that ended: the summary its history line carries, and from that line
// what the API shows of it, now and after any restart. So a reader finds the
// same job before and after.
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

// GET /jobs/N of an ended job; without `steps` as in GET /jobs.
json::object ended_body(const HistoryLine& line, bool with_steps);
// `last_job` of a server.
json::value last_job_of(const HistoryLine& line);
// Its number; nullopt for a line that ends no job.
std::optional<std::int64_t> job_of_line(const HistoryLine& line);

// `last_refresh` of an application.
json::value last_refresh_of(const HistoryLine& line);
// Of a summary.
JobKind kind_in(const json::value& summary);
std::optional<Outcome> outcome_in(const json::value& summary);

// "built" and so on for a job and its outcome.
std::string event_of(const Job& job, Outcome outcome);

// One step as it stands after these records.
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
// The result in the last record, nullptr while there is none.
const JobResult* result_in(const std::vector<StepRecord>& records);

}  // namespace berth::runner
