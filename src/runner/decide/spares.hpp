// SPDX-License-Identifier: GPL-2.0-or-later
// Which spares to make now: copies of an application's newest generation, kept
// ready so that a build need not wait for one. Pure functions of the world.
//
// A spare is wanted while fewer are ready than the application's `spares`, and
// made only when nobody is kept waiting by it:
//
//   - one at a time per cluster, by the latest news of it and never by news
//     that is older than the last change
//   - while nobody's build, publish or undo with a database is queued or at
//     work on that cluster, nor a refresh of that application
//   - up to the cluster's `spares` for all applications and generations
//   - while its disk keeps `disk_floor` free with one more copy of the base;
//     a cluster that does not tell its free bytes is trusted
//   - a minute after one that failed, then two, up to an hour
//   - not while Berth drains or the spool's disk is full
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

// Queued spares of a generation that is no longer the newest, or of an
// application that wants no more: nobody would use them. All, while draining.
std::vector<std::int64_t> spares_not_needed(const World& world);

// The job of a spare; `number` is its own.
Job spare_job(const World& world, const SpareWanted& wanted,
              std::int64_t number);

// Per cluster the first of people's jobs that need its disk for a database.
// Not those on a server whose job cannot be settled: its guest may be away for
// days.
std::map<std::string, const Job*> database_jobs(const World& world);

// A spare that was made clears its application's trouble, one that failed
// adds to it, one that was cancelled is not made again for a minute.
void note_spare(SpareTrouble& trouble, Outcome outcome, Instant at);

}  // namespace berth::runner
