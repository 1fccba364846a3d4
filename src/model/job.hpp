// SPDX-License-Identifier: GPL-2.0-or-later
// A job: a numbered piece of work, as stored in queue/ and active/. A pure
// value; the runner decides who may do what with it.
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
// without a checkout keeps the current code of the server: a request need not
// name it, and berthd adds path and revision to the job as far as it knows
// them.
struct BuildArguments {
  std::string application;
  std::string path;
  std::string revision;          // empty: the newest
  std::string database = "none"; // "none", "newest" or a generation
  bool checkout = false;
  std::string note;
  std::string release = "never"; // "on_success", "always", "never"
  std::string revert;            // a snapshot to revert to first; empty: none

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

// `again` restores a dump even if it is no newer than the last generation.
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

// Undoes the last switch of a server, which berthd adds. Both may be omitted in
// a drop.
struct UndoArguments {
  std::int64_t job = 0;     // the job whose switch is undone
  bool checkout = false;    // that job moved `current`
  bool database = false;    // that job swapped databases
  json::value previous;     // configuration to restore, an object
};
BOOST_DESCRIBE_STRUCT(UndoArguments, (), (job, checkout, database, previous))
template <>
inline constexpr JsonRules kJsonRules<UndoArguments>{
    .defaulted = {"job", "checkout", "database"}};

// Keeps what an undo needs for `hours` from now.
struct KeepArguments {
  double hours = 0;
};
BOOST_DESCRIBE_STRUCT(KeepArguments, (), (hours))

// Takes over the live database of an application on a server. Without an OID
// the job only reports what exists; the reported OID is the confirmation.
struct AdoptArguments {
  std::string application;
  std::optional<std::int64_t> oid;
};
BOOST_DESCRIBE_STRUCT(AdoptArguments, (), (application, oid))

// Drops an orphan: a database with one of our names that is not used.
struct DropArguments {
  std::string cluster;
  std::string database;
};
BOOST_DESCRIBE_STRUCT(DropArguments, (), (cluster, database))

// Controls the power of a server.
struct PowerArguments {
  std::string action;       // "start", "shutdown", "reboot", "reset"
  bool force = false;       // a shutdown that forces the guest off
  // Set by berthd: the unsettled job that waits for this guest. The power job
  // does not wait for that job in turn. 0: none.
  std::int64_t beside = 0;
};
BOOST_DESCRIBE_STRUCT(PowerArguments, (), (action, force, beside))
template <>
inline constexpr JsonRules kJsonRules<PowerArguments>{.defaulted = {"force"},
                                                      .left_out = {"beside"}};

struct SnapshotArguments {
  std::string action;       // "take", "revert", "delete"
  std::string name;
  std::string note;         // for "take"
  // Set by berthd for "take": the newest line of the server's history.
  std::int64_t seq = 0;
};
BOOST_DESCRIBE_STRUCT(SnapshotArguments, (), (action, name, note, seq))
template <>
inline constexpr JsonRules kJsonRules<SnapshotArguments>{
    .defaulted = {"note", "seq"}};
// `note` and `seq` are written for one that is taken only.
json::object to_json(const SnapshotArguments& arguments);

// Creates a server: the job's server is its name.
struct ProvisionArguments {
  std::string host;
  std::string image;
};
BOOST_DESCRIBE_STRUCT(ProvisionArguments, (), (host, image))

// Deletes a server. Without the domain's UUID the job only reports what would
// be deleted; the reported UUID is the confirmation. berthd adds the host.
struct RetireArguments {
  std::string host;
  std::string uuid;
};
BOOST_DESCRIBE_STRUCT(RetireArguments, (), (host, uuid))
template <>
inline constexpr JsonRules kJsonRules<RetireArguments>{
    .nulled = {"host", "uuid"}};

// Checks whether a server still is as this build or undo left it. Omitted in a
// drop; berthd adds it.
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

// The process that runs the job, identified by pid and start time.
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
  std::string unknown_kind; // as in its file, if its kind has no row
  std::string server;       // empty for a job without one
  std::string application;  // empty for "drop", which names a cluster
  std::string user;
  std::string token;        // of the drop that requested it
  Instant created_at = 0;
  json::object arguments;  // to_json() of one of the structs above
  int attempt = 1;
  std::optional<CancelRequest> cancel;
  std::optional<StartedBy> started;
  // A build that named no server moves on to another one if it cannot use the
  // one it has; these it has tried.
  bool any_server = false;
  std::vector<std::string> tried = {};

  // One of the arguments; empty or false if it is missing or of another type.
  std::string text(const char* argument) const;
  bool flag(const char* argument) const;
  // The kind as its file and the API have it.
  std::string kind_text() const;
  BuildArguments build() const {
    return arguments_from<BuildArguments>(arguments);
  }
};
BOOST_DESCRIBE_STRUCT(Job, (),
                      (server, application, user, token, created_at, arguments))

json::object to_json(const Job& job);
Job job_from_json(const json::value& value);  // throws JsonError

// The steps of one job: those of its kind, and those that depend on its
// arguments. A build with a snapshot to revert to begins with `revert`.
std::vector<std::string> steps_of(const Job& job);

// A revert to a snapshot during a job, whatever the outcome of the job.
struct Reverted {
  std::string snapshot;
  // The server's configuration after the revert; null: none, or unknown.
  json::value configuration;
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
  std::int64_t size = 0;           // bytes; 0: unknown

  bool operator==(const MadeBase&) const = default;
};
BOOST_DESCRIBE_STRUCT(MadeBase, (), (generation, database, data_at, size))

// How a job ended.
struct JobResult {
  Outcome outcome = Outcome::failed;
  std::string failed_step = {};  // empty unless failed
  std::string detail = {};       // one line for people
  bool committed = false;        // the commit point was passed
  std::string revision = {};     // resolved; empty if not known
  json::value configuration = nullptr;  // the new configuration, or null
  std::optional<MadeBase> base = std::nullopt;
  std::optional<Reverted> reverted = std::nullopt;
  // The server that is the reason of a failure before anything was changed:
  // unreachable, not enrolled, of another protocol, full, or busy with an
  // unsettled switch. Empty: the server is not the reason.
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
