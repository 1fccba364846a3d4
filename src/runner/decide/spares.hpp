// SPDX-License-Identifier: GPL-2.0-or-later
// Decides which spares to make: copies of an application's newest generation,
// made in advance so that a build need not wait for one. Pure functions of the
// world.
//
// A spare is made if fewer are ready than the application's `spares`, and only
// if no person's job waits for it:
//
//   - one at a time per cluster, and only if the cluster's published state is
//     newer than the last change of it
//   - no build, publish or undo with a database is queued or running on that
//     cluster, and no refresh of that application
//   - the spares of all applications and generations stay within the cluster's
//     `spares`
//   - `disk_floor` remains free with one more copy of the base; a cluster that
//     reports no free space is assumed to have it
//   - a minute has passed since a failed attempt, then two, up to an hour
//   - Berth is not draining, and the spool's disk is not full
//
// The application that lacks the largest share of its spares comes first.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runner/world/world.hpp"

namespace berth::runner {

struct SpareWanted {
  std::string application;
  std::string generation;

  bool operator==(const SpareWanted&) const = default;
};
std::vector<SpareWanted> spares_to_make(const World& world);

// Queued spares that no build would use: of a generation that is no longer the
// newest, or of an application that needs no more. While draining: all of them.
std::vector<std::int64_t> spares_not_needed(const World& world);

// The job that makes a spare.
Job spare_job(const World& world, const SpareWanted& wanted,
              std::int64_t number);

// For each cluster, the first job of a person that needs its disk for a
// database. Jobs on a server with an unsettled job do not count: its guest may
// be unreachable for days.
std::map<std::string, const Job*> database_jobs(const World& world);

// A success clears the application's trouble, a failure adds to it, and a
// cancelled spare is not made again for a minute.
void note_spare(SpareTrouble& trouble, Outcome outcome, Instant at);

}  // namespace berth::runner
