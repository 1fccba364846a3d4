// SPDX-License-Identifier: GPL-2.0-or-later
// What preflight determined for the later steps, and what the step database
// added. It is stored in the notes of the steps (the end of preflight, the end
// of database), so that a child step, and a worker that takes over from one
// that died, have the same plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/described.hpp"
#include "store/steps.hpp"

namespace berth::worker {

struct Plan {
  std::string path;
  std::string revision;       // resolved
  std::string slot;           // the slot to switch to: "a" or "b"
  std::string current;        // the slot served so far; empty: none
  std::string templates;      // digest of the template tree

  // The guest names a command for the step converge. Not stored: a worker that
  // takes over either begins anew or is past that step.
  bool converges = false;

  // With a cluster:
  std::string system;         // system identifier
  std::string live;           // the configured database name
  std::optional<std::int64_t> live_oid;  // nullopt: it does not exist
  std::string generation;     // of the data after the switch; may be empty
  std::optional<Instant> data_at;
  // When the database is replaced:
  std::string base;           // of a build
  std::int64_t base_oid = 0;
  std::string copy;           // its name until the swap; of an undo: the trash
  std::optional<std::int64_t> copy_oid;  // once it has been created

  bool swaps() const { return !copy.empty(); }
  // For people: "shop trunk@34 on qa1, data 20261122212237".
  std::string text(const std::string& application,
                   const std::string& server) const;
};
BOOST_DESCRIBE_STRUCT(Plan, (),
                      (path, revision, slot, current, templates, system, live,
                       generation, base, base_oid, copy, live_oid, copy_oid,
                       data_at))

// What the steps of a job record, for a worker that continues it.
struct StepsRead {
  std::optional<Plan> plan;      // preflight succeeded
  bool switch_begun = false;
  std::string last;              // the step that was begun last
  std::vector<std::string> open; // begun but not ended
  bool prepared = false;         // prepare succeeded
  bool begun = false;             // a step on a host began to change something
  std::optional<Reverted> reverted;
  std::optional<JobResult> result;
};
StepsRead read_plan(const std::vector<StepRecord>& records);

}  // namespace berth::worker
