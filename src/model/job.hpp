// SPDX-License-Identifier: GPL-2.0-or-later
// A job: one numbered piece of work, as it lies in queue/ and active/. A pure
// value; who may do what with it is the runner's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace berth {

// The arguments of a build, the same in a request, a drop and a job.
struct BuildArguments {
  std::string application;
  std::string path;
  std::string revision;          // empty: the newest
  std::string database = "none"; // "none", "newest" or a generation
  bool checkout = false;
  std::string note;
  std::string release = "never"; // "on_success", "always", "never"

  bool operator==(const BuildArguments&) const = default;
};
json::value to_json(const BuildArguments& arguments);
// Checks types, unknown members and what needs no config; throws JsonError.
// A path of either kind passes: refuse_path(kind) is asked where the
// application's kind is known.
BuildArguments build_arguments_from_json(const json::value& value);

struct PublishArguments {
  std::string database;           // becomes a base generation
  std::optional<Instant> data_at;
};
json::value to_json(const PublishArguments& arguments);
PublishArguments publish_arguments_from_json(const json::value& value);

// "Again" restores a dump that is no newer than the last generation.
struct RefreshArguments {
  bool again = false;
};
json::value to_json(const RefreshArguments& arguments);
RefreshArguments refresh_arguments_from_json(const json::value& value);

struct SpareArguments {
  std::string generation;  // yyyymmddhhmmss
};
json::value to_json(const SpareArguments& arguments);
SpareArguments spare_arguments_from_json(const json::value& value);

// An undo goes back behind the last switch of a server; berthd says what that
// was. In a drop both may be left out.
struct UndoArguments {
  std::int64_t job = 0;     // whose switch is undone
  bool checkout = false;    // that job moved `current`
  bool database = false;    // that job swapped databases
  json::value previous;     // the configuration to go back to (an object)
};
json::value to_json(const UndoArguments& arguments);
UndoArguments undo_arguments_from_json(const json::value& value);

// Keeps what an undo needs for so long from now.
struct KeepArguments {
  double hours = 0;
};
json::value to_json(const KeepArguments& arguments);
KeepArguments keep_arguments_from_json(const json::value& value);

// Takes over the live database of an application on a server. Without an OID
// it only tells what is there; the OID that was told is the confirmation.
struct AdoptArguments {
  std::string application;
  std::optional<std::int64_t> oid;
};
json::value to_json(const AdoptArguments& arguments);
AdoptArguments adopt_arguments_from_json(const json::value& value);

// Drops an orphan: a database that is ours by its name and of no use.
struct DropArguments {
  std::string cluster;
  std::string database;
};
json::value to_json(const DropArguments& arguments);
DropArguments drop_arguments_from_json(const json::value& value);

struct CancelRequest {
  std::string user;
  Instant at = 0;
};

// Which process works on it: pid and start time name one for good.
struct StartedBy {
  std::int64_t pid = 0;
  std::int64_t start_time = 0;  // clock ticks since boot
  Instant at = 0;
};

struct Job {
  std::int64_t id = 0;
  std::string kind;         // one of job_kinds()
  std::string server;       // empty for a job without one
  std::string application;  // empty for "drop", which names a cluster
  std::string user;
  std::string token;        // the drop it came from
  Instant created_at = 0;
  json::object arguments;   // as the functions above write them
  int attempt = 1;
  std::optional<CancelRequest> cancel;
  std::optional<StartedBy> started;

  // One of the arguments; empty or false when it is not there or is no such.
  std::string text(const char* argument) const;
  bool flag(const char* argument) const;
  BuildArguments build() const { return build_arguments_from_json(arguments); }
};

json::value to_json(const Job& job);
Job job_from_json(const json::value& value);  // throws JsonError

// build publish refresh spare undo keep adopt drop
const std::vector<std::string>& job_kinds();

// The steps of a kind in their order: a build's are preflight, database,
// checkout, render, prepare, switch, restart, verify. Empty for a kind that
// this version does not know.
const std::vector<std::string>& steps_of(const std::string& kind);

// How a job ended.
struct JobResult {
  std::string outcome;       // "succeeded", "failed", "cancelled", "requeue"
  std::string failed_step;   // empty unless failed
  std::string detail;        // one line for people
  bool committed = false;    // the commit point was passed
  std::string revision;      // resolved; empty when it did not get there
  json::value configuration; // the new configuration, or null
};
json::value to_json(const JobResult& result);
JobResult job_result_from_json(const json::value& value);

}  // namespace berth
