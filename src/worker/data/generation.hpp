// SPDX-License-Identifier: GPL-2.0-or-later
// A generation from its first byte to the day it is published. It has its name
// at once, and until then
//
//   it belongs to berth, and nobody but berth (and superusers) may connect:
//     it is created taking no connections, CONNECT is revoked from PUBLIC, and
//     only then does it take any, so there is no moment before the revoke
//   its marker says `loading` and which job loads it
//   the owner of the data may create in it (SET ROLE of pg_restore and of the
//     scripts), and restore_user connect, which is taken back before it is
//     published
//
// Whoever holds the lock on its name is at work on it. One in state `loading`,
// or unmarked, whose lock is free is of no use to anybody.
#pragma once

#include <optional>
#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/data/dump.hpp"

namespace berth::worker {

// The name of a new one: now, but later than every one of this application
// that is there, whatever the clock did.
std::string next_generation(Cluster& cluster, const std::string& application);

// Empty, marked, locked by `cluster`, open to berth alone. A locale that this
// cluster does not have is told, and its own is taken.
Database create_loading(Cluster& cluster, const DatabaseMarker& marker,
                        const DumpLocale& locale, Report& report);

void let_fill(Cluster& cluster, const std::string& database,
              const ApplicationConfig& application);
void take_back(Cluster& cluster, const std::string& database,
               const ApplicationConfig& application);

// Drops what earlier refreshes of the application left, by the rule above.
// Each is told; one that cannot be dropped too, and is left to tidy.
void discard_left_over(Cluster& cluster, const std::string& application,
                       std::int64_t job, Report& report);
// The same for the one that this cluster connection has locked.
void discard_loading(Cluster& cluster, const std::string& database,
                     std::int64_t job, Report& report);

// The commit point of refresh and publish, one transaction: `database` is
// called `name` from here on, belongs to us, takes no connections, is no
// template of everybody's (Database::published()), and has this marker.
// Throws Error when another has taken its place; Away when nobody knows what
// became of it.
void publish_base(Cluster& cluster, const Database& database,
                  const std::string& name, const DatabaseMarker& marker);

// What an earlier worker of this job published, if it got that far.
std::optional<Database> published_by(Cluster& cluster, std::int64_t job);

}  // namespace berth::worker
