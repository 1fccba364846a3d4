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
#include "model/job_kind.hpp"
#include "model/outcome.hpp"

namespace berth {

// The arguments of a build, the same in a request, a drop and a job. A build
// without a checkout keeps the code that the server carries: a request need not
// name it, and berthd puts path and revision into the job as far as it knows
// them.
struct BuildArguments {
  std::string application;
  std::string path;
  std::string revision;          // empty: the newest
  std::string database = "none"; // "none", "newest" or a generation
  bool checkout = false;
  std::string note;
  std::string release = "never"; // "on_success", "always", "never"
  std::string revert;            // a snapshot to go back to first; empty: none

  bool operator==(const BuildArguments&) const = default;
};
json::value to_json(const BuildArguments& arguments);
// Checks types, unknown members and what needs no config; throws JsonError.
// A path and a revision of either kind pass: refuse_path(kind) and
// refuse_revision(kind) are asked where the application's kind is known.
// `checkout` is true when it is not there, unless a database is all that is
// asked for.
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

// What a tester does at the machine's buttons.
struct PowerArguments {
  std::string action;       // "start", "shutdown", "reboot", "reset"
  bool force = false;       // a shutdown that pulls the plug
  // Given by berthd: the unsettled job that waits for this guest. Such a
  // power job does not wait for it in turn. 0: none.
  std::int64_t beside = 0;
};
json::value to_json(const PowerArguments& arguments);
PowerArguments power_arguments_from_json(const json::value& value);

struct SnapshotArguments {
  std::string action;       // "take", "revert", "delete"
  std::string name;
  std::string note;         // of one that is taken
  // Given by berthd for one that is taken: the line of the server's history
  // that was the newest.
  std::int64_t seq = 0;
};
json::value to_json(const SnapshotArguments& arguments);
SnapshotArguments snapshot_arguments_from_json(const json::value& value);
// Makes a server: the job's server is its name.
struct ProvisionArguments {
  std::string host;
  std::string image;
};
json::value to_json(const ProvisionArguments& arguments);
ProvisionArguments provision_arguments_from_json(const json::value& value);

// Takes a server away for good. Without the domain's UUID it only tells what
// would go; the UUID that was told is the confirmation. berthd says which host.
struct RetireArguments {
  std::string host;
  std::string uuid;
};
json::value to_json(const RetireArguments& arguments);
RetireArguments retire_arguments_from_json(const json::value& value);

// Whether a server is still what this build, or undo, made of it. In a drop it
// is left out; berthd says which.
struct CheckArguments {
  std::int64_t build = 0;
};
json::value to_json(const CheckArguments& arguments);
CheckArguments check_arguments_from_json(const json::value& value);

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

// "job 17".
inline std::string job_text(std::int64_t job) {
  return "job " + std::to_string(job);
}

struct Job {
  std::int64_t id = 0;
  JobKind kind = JobKind::unknown;
  std::string unknown_kind; // as its file has it, of a kind without a row
  std::string server;       // empty for a job without one
  std::string application;  // empty for "drop", which names a cluster
  std::string user;
  std::string token;        // the drop it came from
  Instant created_at = 0;
  json::object arguments;   // as the functions above write them
  int attempt = 1;
  std::optional<CancelRequest> cancel;
  std::optional<StartedBy> started;
  // A build that named no server goes on to another while it cannot use the
  // one it has; these it has tried.
  bool any_server = false;
  std::vector<std::string> tried = {};

  // One of the arguments; empty or false when it is not there or is no such.
  std::string text(const char* argument) const;
  bool flag(const char* argument) const;
  // As its file and the API have it.
  std::string kind_text() const;
  BuildArguments build() const { return build_arguments_from_json(arguments); }
};

json::value to_json(const Job& job);
Job job_from_json(const json::value& value);  // throws JsonError

// The steps of one job: what only some of its kind have comes with its
// arguments. A build that goes back to a snapshot begins with `revert`.
std::vector<std::string> steps_of(const Job& job);

// A server that was set back to a snapshot on the way, whatever became of the
// job afterwards.
struct Reverted {
  std::string snapshot;
  json::value configuration;  // what the server carries since; null: nothing,
                              // or nobody knows
  std::string detail;         // for people
};

json::value to_json(const Reverted& reverted);
Reverted reverted_from_json(const json::value& value);

// The base that a refresh or a publish made.
struct MadeBase {
  std::string generation;          // yyyymmddhhmmss
  std::string database;
  std::optional<Instant> data_at;  // of its dump
  std::int64_t size = 0;           // bytes; 0: not known

  bool operator==(const MadeBase&) const = default;
};

// How a job ended.
struct JobResult {
  Outcome outcome = Outcome::failed;
  std::string failed_step;   // empty unless failed
  std::string detail;        // one line for people
  bool committed = false;    // the commit point was passed
  std::string revision;      // resolved; empty when it did not get there
  json::value configuration; // the new configuration, or null
  std::optional<MadeBase> base;
  std::optional<Reverted> reverted = std::nullopt;
  // The server that is the reason why it failed, before anything was made:
  // unreachable, not enrolled, of another protocol, full, or busy with a switch
  // that is not settled. Empty: something else is.
  std::string faulty_server = {};
};
json::value to_json(const JobResult& result);
JobResult job_result_from_json(const json::value& value);

}  // namespace berth
