// SPDX-License-Identifier: GPL-2.0-or-later
// active/N.steps: what a worker has done, one JSON line each. Only the worker
// writes it; for a job that is given up, `berthctl forget-job` writes the last
// record in its place, holding the job's lock.
//
//   {"version":1,"job":12}
//   {"seq":1,"at":RFC3339ms,"step":"preflight","event":"start"}
//   {"seq":2,"at":...,"step":"preflight","event":"end","state":"done","ms":12,
//    "message":"..."}
//   ...
//   {"seq":9,"at":...,"step":"job","event":"end","message":"...",
//    "result":{...}}                                  (model/job.hpp)
//
// A start and an end are fsynced before the work continues; progress is not.
// The next writer truncates an incomplete last line, and readers ignore it. A
// member `note` of a start or an end has what recovery needs: a slot, a
// database's name and OID.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/described.hpp"
#include "base/dir.hpp"
#include "model/job.hpp"

namespace berth {

struct StepRecord {
  std::int64_t seq = 0;
  std::string at;      // RFC 3339 with milliseconds
  std::string step;
  std::string event;   // "start", "progress", "end"
  std::string state;   // on end: "done", "failed", "skipped"
  std::optional<std::int64_t> ms;
  std::optional<std::int64_t> done, total;
  std::string unit;
  std::string message;
  json::value note;    // null: none
  std::optional<JobResult> result;  // on the last record
};
BOOST_DESCRIBE_STRUCT(StepRecord, (),
                      (at, step, event, state, ms, done, total, unit, message,
                       note))
template <>
inline constexpr JsonRules kJsonRules<StepRecord>{
    .left_out = {"state", "ms", "done", "total", "unit", "note"},
    .nulled = {"message"}};

json::object to_json(const StepRecord& record);
StepRecord step_record_from_json(const json::value& value);

class StepsWriter {
 public:
  // Opens or creates the file, truncates an incomplete last line, and continues
  // its numbers.
  StepsWriter(const Dir& active, std::int64_t job);
  // Sets seq and at. A start or an end is durable on return. Progress is
  // omitted when the file has 4 MiB.
  void append(StepRecord record);

 private:
  Fd fd_;
  std::string path_;
  std::int64_t next_ = 1;
  std::size_t size_ = 0;  // bytes
};

// In order; empty if there is no file. Throws for a newer format.
std::vector<StepRecord> read_steps(const Dir& active, std::int64_t job);

}  // namespace berth
