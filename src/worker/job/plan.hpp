// SPDX-License-Identifier: GPL-2.0-or-later
// What preflight found out and later steps go by; what database added. It
// travels in the notes of the steps (preflight's end, database's end), so that
// a child step and a worker that takes over from a dead one know the same.
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
  std::string slot;           // the slot that will be served: "a" or "b"
  std::string current;        // the one served before; empty: none
  std::string templates;      // digest

  // The guest names a command for the step converge. Not kept: a worker that
  // takes over begins anew, or is past that.
  bool converges = false;

  // With a cluster:
  std::string system;         // system identifier
  std::string live;           // the configured name
  std::optional<std::int64_t> live_oid;  // nullopt: there is none
  std::string generation;     // of the data that will be served; may be empty
  std::optional<Instant> data_at;
  // With another database:
  std::string base;           // of a build
  std::int64_t base_oid = 0;
  std::string copy;           // its name until the swap; an undo's is trash
  std::optional<std::int64_t> copy_oid;  // once made

  bool swaps() const { return !copy.empty(); }
  // For people: "shop trunk@34 on qa1, data 20261122212237".
  std::string text(const std::string& application,
                   const std::string& server) const;
};
BOOST_DESCRIBE_STRUCT(Plan, (),
                      (path, revision, slot, current, templates, system, live,
                       generation, base, base_oid, copy, live_oid, copy_oid,
                       data_at))

// What the steps of a job say, for whoever goes on with it.
struct StepsRead {
  std::optional<Plan> plan;      // preflight ended well
  bool switch_begun = false;
  std::string last;              // the step that was begun last
  std::vector<std::string> open; // begun, not ended
  bool prepared = false;         // prepare ended well
  bool told = false;             // a step on a host began to change something
  std::optional<Reverted> reverted;
  std::optional<JobResult> result;
};
StepsRead read_plan(const std::vector<StepRecord>& records);

}  // namespace berth::worker
