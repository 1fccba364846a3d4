// SPDX-License-Identifier: GPL-2.0-or-later
// A generation from its creation until it is published. It gets its final name
// at once, and until it is published
//
//   it is owned by berth, and only berth and superusers may connect: it is
//     created without connections, CONNECT is revoked from PUBLIC, and then
//     connections are allowed, so that nobody can connect before the revoke
//   its marker has the state `loading` and the job that loads it
//   the owner of the data may create in it (SET ROLE of pg_restore and of the
//     scripts), and restore_user may connect; both are revoked before it is
//     published
//
// The holder of the lock on its name works on it. A generation in the state
// `loading`, or without a marker, whose lock is free is useless.
#pragma once

#include <optional>
#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/data/dump.hpp"

namespace berth::worker {

// The name of a new generation: the current time, but later than every existing
// one of this application, even if the clock was set back.
std::string next_generation(Cluster& cluster, const std::string& application);

// Creates it empty, marked, locked by `cluster`, and accessible to berth only.
// If the cluster does not have the locale, that is logged and the cluster's own
// is used.
Database create_loading(Cluster& cluster, const DatabaseMarker& marker,
                        const DumpLocale& locale, Report& report);

void let_fill(Cluster& cluster, const std::string& database,
              const ApplicationConfig& application);
void take_back(Cluster& cluster, const std::string& database,
               const ApplicationConfig& application);

// Drops the useless generations that earlier refreshes of the application left.
// Each is logged; one that cannot be dropped is left for tidy.
void discard_left_over(Cluster& cluster, const std::string& application,
                       std::int64_t job, Report& report);
// The same for the generation that this cluster connection has locked.
void discard_loading(Cluster& cluster, const std::string& database,
                     std::int64_t job, Report& report);

// The commit point of refresh and publish, one transaction: it renames
// `database` to `name`, makes berth its owner, disallows connections, makes
// sure that it is not a public template (Database::published()), and sets the
// marker. Throws Error if another database has taken its place; Away if the
// result is unknown.
void publish_base(Cluster& cluster, const Database& database,
                  const std::string& name, const DatabaseMarker& marker);

// The generation that an earlier worker of this job published, if it did.
std::optional<Database> published_by(Cluster& cluster, std::int64_t job);

}  // namespace berth::worker
