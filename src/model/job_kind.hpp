// SPDX-License-Identifier: GPL-2.0-or-later
// The table of the kinds of jobs: what Berth's programs must know about each,
// one row a kind. The action that requests a kind is in
// runner/decide/actions.cpp, its function in worker/run_job.cpp, and its
// arguments in job.hpp; there is no other list of kinds.
//
// A flag that is not set is false; the defaults are those of a job that works
// on a server, as most do.
//
// A job of a newer version may have a kind without a row: `unknown`. Job keeps
// the text in its file, so that the file is written as it was read; its worker
// refuses the job.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

enum class JobKind {
  adopt, build, check, drop, keep, power, preview, provision, publish,
  refresh, retire, snapshot, spare, undo, unknown
};

// What a job reserves while it runs. Jobs with the same claim run one after the
// other.
enum class Claim {
  place,    // server:NAME; without a server application:NAME, or nothing
  user,     // KIND:USER, one of each user
  server,   // KIND:SERVER, next to other jobs on it
  cluster,  // KIND:CLUSTER
};

// The events of a job's history line.
struct KindEvents {
  const char* succeeded = "";
  const char* failed = "";
  const char* cancelled = "";
};

// For a kind with several actions: the event of a success whose argument
// `action` was this one.
struct ActionEvent {
  const char* action = nullptr;
  const char* event = nullptr;
};

struct JobKindRow {
  JobKind kind = JobKind::unknown;
  const char* name = "";    // in files and in the API
  const char* steps[10] = {};  // in order, ended by nullptr
  KindEvents events;
  ActionEvent actions[5] = {};  // ended by a row without an action
  // The argument that confirms what was shown. Without it the job only shows
  // what it would do, and succeeds with the event `asked`.
  const char* confirmed_by = nullptr;
  const char* asked = nullptr;
  // From the start of this step, a job without a worker may be committed.
  const char* commit_step = "switch";
  // The action that requests the kind, if it is not its name.
  const char* action = nullptr;
  Claim claim = Claim::place;

  bool only_looks = false;  // reads a server and changes nothing: the server
                            // remains free, and its history omits the job
  bool has_line = true;     // in the history
  bool only_berthd = false;      // no request can start one
  bool only_root = false;        // accepted from root's folder only
  bool ages = false;        // a request for one can come too late
  bool may_wait = false;    // accepted, undecided, while berthd is down
  bool background = false;  // runs after people's jobs
  bool background_if_ours = false;  // the same, if berthd added it
  bool before_spares = false;  // no spare starts while one runs on its cluster
};

inline constexpr JobKindRow kJobKinds[] = {
    {.kind = JobKind::adopt,
     .name = "adopt",
     .steps = {"adopt"},
     .events = {"adopted", "adopt_failed", "adopt_failed"},
     .confirmed_by = "oid",
     .asked = "adopt_asked",
     .only_root = true},
    {.kind = JobKind::build,
     .name = "build",
     .steps = {"preflight", "converge", "database", "checkout", "render",
               "prepare", "switch", "restart", "verify"},
     .events = {"built", "build_failed", "build_cancelled"},
     .may_wait = true,
     .before_spares = true},
    {.kind = JobKind::check,
     .name = "check",
     .steps = {"check"},
     .events = {"checked", "check_failed", "check_cancelled"},
     .claim = Claim::server,
     .only_looks = true,
     .has_line = false,  // its finding is in lib/checks/SERVER.json
     .background_if_ours = true},
    {.kind = JobKind::drop,
     .name = "drop",
     .steps = {"drop"},
     .events = {"dropped", "drop_failed", "drop_failed"},
     .action = "drop_database",
     .only_root = true},
    {.kind = JobKind::keep,
     .name = "keep",
     .steps = {"keep"},
     .events = {"kept", "keep_failed", "keep_failed"},
     .may_wait = true},
    {.kind = JobKind::power,
     .name = "power",
     .steps = {"power", "answer"},
     .events = {"powered", "power_failed", "power_cancelled"},
     .actions = {{"start", "started"},
                 {"shutdown", "shut_down"},
                 {"reboot", "rebooted"},
                 {"reset", "was_reset"}},
     .ages = true},
    {.kind = JobKind::preview,
     .name = "preview",
     .steps = {"preflight", "render", "compare"},
     .events = {"previewed", "preview_failed", "preview_cancelled"},
     .claim = Claim::user,
     .only_looks = true},
    {.kind = JobKind::provision,
     .name = "provision",
     .steps = {"check", "disk", "seed", "define", "start", "enrol", "tidy"},
     .events = {"provisioned", "provision_failed", "provision_cancelled"},
     .may_wait = true},
    {.kind = JobKind::publish,
     .name = "publish",
     .steps = {"publish"},
     .events = {"published", "publish_failed", "publish_failed"},
     .only_root = true,
     .before_spares = true},
    {.kind = JobKind::refresh,
     .name = "refresh",
     .steps = {"fetch", "restore", "scrub", "vacuum", "assert", "publish"},
     .events = {"refreshed", "refresh_failed", "refresh_cancelled"},
     .commit_step = "publish",
     .may_wait = true,
     .background = true},
    {.kind = JobKind::retire,
     .name = "retire",
     .steps = {"retire"},
     .events = {"retired", "retire_failed", "retire_failed"},
     .confirmed_by = "uuid",
     .asked = "retire_asked",
     .only_root = true},
    {.kind = JobKind::snapshot,
     .name = "snapshot",
     .steps = {"snapshot"},
     .events = {"snapshot", "snapshot_failed", "snapshot_cancelled"},
     .actions = {{"take", "snapshot_taken"},
                 {"revert", "reverted"},
                 {"delete", "snapshot_deleted"}}},
    {.kind = JobKind::spare,
     .name = "spare",
     .steps = {"copy"},
     .events = {"spare_made", "spare_failed", "spare_cancelled"},
     .claim = Claim::cluster,
     .only_berthd = true,
     .background = true},
    {.kind = JobKind::undo,
     .name = "undo",
     .steps = {"preflight", "switch", "restart", "verify"},
     .events = {"undone", "undo_failed", "undo_cancelled"},
     .may_wait = true,
     .before_spares = true}};

inline constexpr JobKindRow kUnknownKind = {};

// Whether a table that is indexed by kind has one row for each, in the order of
// the enumerators. For a static_assert below the table.
template <class Row, std::size_t size>
constexpr bool is_row_per_kind(const Row (&rows)[size]) {
  for (std::size_t i = 0; i < size; ++i) {
    if (rows[i].kind != static_cast<JobKind>(i)) return false;
  }
  return size == static_cast<std::size_t>(JobKind::unknown);
}
static_assert(is_row_per_kind(kJobKinds));

constexpr const JobKindRow& row_of(JobKind kind) {
  return kind == JobKind::unknown ? kUnknownKind
                                  : kJobKinds[static_cast<std::size_t>(kind)];
}

// `unknown` for a kind that this version does not have.
JobKind job_kind_from_text(std::string_view text);
// nullptr for an action that starts no job.
const JobKindRow* row_of_action(std::string_view action);
constexpr const char* action_of(const JobKindRow& row) {
  return row.action ? row.action : row.name;
}

// The steps that every job of a kind has, in order; steps_of(Job) has those of
// one job.
std::vector<std::string> steps_of(JobKind kind);

// Jobs that read a server and change nothing on it: the server remains free,
// and neither its claim nor its history concerns them.
constexpr bool only_looks(JobKind kind) { return row_of(kind).only_looks; }

}  // namespace berth
