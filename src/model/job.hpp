// SPDX-License-Identifier: GPL-2.0-or-later
// A job: one numbered piece of work, as it lies in queue/ and active/. A pure
// value; who may do what with it is the runner's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/described.hpp"
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
BOOST_DESCRIBE_STRUCT(BuildArguments, (),
                      (application, path, revision, database, checkout, note,
                       release, revert))
template <>
inline constexpr JsonRules kJsonRules<BuildArguments>{
    .defaulted = {"path", "revision", "database", "checkout", "note",
                  "release"},
    .left_out = {"revert"}};

struct PublishArguments {
  std::string database;           // becomes a base generation
  std::optional<Instant> data_at;
};
BOOST_DESCRIBE_STRUCT(PublishArguments, (), (database, data_at))

// "Again" restores a dump that is no newer than the last generation.
struct RefreshArguments {
  bool again = false;
};
BOOST_DESCRIBE_STRUCT(RefreshArguments, (), (again))
template <>
inline constexpr JsonRules kJsonRules<RefreshArguments>{.defaulted = {"again"}};

struct SpareArguments {
  std::string generation;  // yyyymmddhhmmss
};
BOOST_DESCRIBE_STRUCT(SpareArguments, (), (generation))

// An undo goes back behind the last switch of a server; berthd says what that
// was. In a drop both may be left out.
struct UndoArguments {
  std::int64_t job = 0;     // whose switch is undone
  bool checkout = false;    // that job moved `current`
  bool database = false;    // that job swapped databases
  json::value previous;     // the configuration to go back to (an object)
};
BOOST_DESCRIBE_STRUCT(UndoArguments, (), (job, checkout, database, previous))
template <>
inline constexpr JsonRules kJsonRules<UndoArguments>{
    .defaulted = {"job", "checkout", "database"}};

// Keeps what an undo needs for so long from now.
struct KeepArguments {
  double hours = 0;
};
BOOST_DESCRIBE_STRUCT(KeepArguments, (), (hours))

// Takes over the live database of an application on a server. Without an OID
// it only tells what is there; the OID that was told is the confirmation.
struct AdoptArguments {
  std::string application;
  std::optional<std::int64_t> oid;
};
BOOST_DESCRIBE_STRUCT(AdoptArguments, (), (application, oid))

// Drops an orphan: a database that is ours by its name and of no use.
struct DropArguments {
  std::string cluster;
  std::string database;
};
BOOST_DESCRIBE_STRUCT(DropArguments, (), (cluster, database))

// What a tester does at the machine's buttons.
struct PowerArguments {
  std::string action;       // "start", "shutdown", "reboot", "reset"
  bool force = false;       // a shutdown that pulls the plug
  // Given by berthd: the unsettled job that waits for this guest. Such a
  // power job does not wait for it in turn. 0: none.
  std::int64_t beside = 0;
};
BOOST_DESCRIBE_STRUCT(PowerArguments, (), (action, force, beside))
template <>
inline constexpr JsonRules kJsonRules<PowerArguments>{.defaulted = {"force"},
                                                      .left_out = {"beside"}};

struct SnapshotArguments {
  std::string action;       // "take", "revert", "delete"
  std::string name;
  std::string note;         // of one that is taken
  // Given by berthd for one that is taken: the line of the server's history
  // that was the newest.
  std::int64_t seq = 0;
};
BOOST_DESCRIBE_STRUCT(SnapshotArguments, (), (action, name, note, seq))
template <>
inline constexpr JsonRules kJsonRules<SnapshotArguments>{
    .defaulted = {"note", "seq"}};
// `note` and `seq` are written for one that is taken only.
json::object to_json(const SnapshotArguments& arguments);

// Makes a server: the job's server is its name.
struct ProvisionArguments {
  std::string host;
  std::string image;
};
BOOST_DESCRIBE_STRUCT(ProvisionArguments, (), (host, image))

// Takes a server away for good. Without the domain's UUID it only tells what
// would go; the UUID that was told is the confirmation. berthd says which host.
struct RetireArguments {
  std::string host;
  std::string uuid;
};
BOOST_DESCRIBE_STRUCT(RetireArguments, (), (host, uuid))
template <>
inline constexpr JsonRules kJsonRules<RetireArguments>{
    .nulled = {"host", "uuid"}};

// Whether a server is still what this build, or undo, made of it. In a drop it
// is left out; berthd says which.
struct CheckArguments {
  std::int64_t build = 0;
};
BOOST_DESCRIBE_STRUCT(CheckArguments, (), (build))

// One of the structs above, of a request, a drop or a job. Checks types,
// unknown members and what needs no config; throws JsonError. Of a build, a
// path and a revision of either kind pass: refuse_path(kind) and
// refuse_revision(kind) are asked where the application's kind is known; and
// `checkout` is true when it is not there, unless a database is all that is
// asked for.
template <class Arguments>
Arguments arguments_from(const json::value& value);
template <>
BuildArguments arguments_from(const json::value& value);
template <>
KeepArguments arguments_from(const json::value& value);

struct CancelRequest {
  std::string user;
  Instant at = 0;
};
BOOST_DESCRIBE_STRUCT(CancelRequest, (), (user, at))

// Which process works on it: pid and start time name one for good.
struct StartedBy {
  std::int64_t pid = 0;
  std::int64_t start_time = 0;  // clock ticks since boot
  Instant at = 0;
};
BOOST_DESCRIBE_STRUCT(StartedBy, (), (pid, start_time, at))

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
  json::object arguments;  // to_json() of one of the structs above
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
  BuildArguments build() const {
    return arguments_from<BuildArguments>(arguments);
  }
};
BOOST_DESCRIBE_STRUCT(Job, (),
                      (server, application, user, token, created_at, arguments))

json::object to_json(const Job& job);
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

BOOST_DESCRIBE_STRUCT(Reverted, (), (snapshot, configuration, detail))
template <>
inline constexpr JsonRules kJsonRules<Reverted>{.name = "reverted"};

// The base that a refresh or a publish made.
struct MadeBase {
  std::string generation;          // yyyymmddhhmmss
  std::string database;
  std::optional<Instant> data_at;  // of its dump
  std::int64_t size = 0;           // bytes; 0: not known

  bool operator==(const MadeBase&) const = default;
};
BOOST_DESCRIBE_STRUCT(MadeBase, (), (generation, database, data_at, size))

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
BOOST_DESCRIBE_STRUCT(JobResult, (),
                      (failed_step, detail, committed, revision, configuration,
                       base, reverted, faulty_server))
template <>
inline constexpr JsonRules kJsonRules<JobResult>{
    .left_out = {"reverted", "faulty_server"},
    .nulled = {"failed_step", "revision"}};
json::object to_json(const JobResult& result);
JobResult job_result_from_json(const json::value& value);

}  // namespace berth
