// SPDX-License-Identifier: GPL-2.0-or-later
// A server's former database: the one that the last swap put into the trash,
// and that an undo brings back. It is identified by its name (OID, and the job
// that put it there) together with its marker (site, application, server),
// never by one of them alone. A copy that a failed attempt of the same job left
// in the trash has that job's number in its marker; the former database has the
// number of the job that once made it live.
#pragma once

#include <optional>
#include <string>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

struct FormerOf {
  std::string application;
  std::string server;
  std::int64_t job = 0;  // the job whose swap put it into the trash
};

// nullopt: it was dropped, or never existed. A database that Berth's role owns
// takes precedence over one that an earlier version left to the application's
// role, which can write any marker.
std::optional<Database> find_former(Cluster& cluster, const FormerOf& of);

struct FormerWanted {
  std::string owner;                // in berth.conf; becomes the owner again
  std::optional<std::int64_t> oid;  // by history; nullopt: unknown
  // When the undo was accepted. tidy keeps what a job in queue/ or active/
  // needs, so what was kept at that time still exists.
  Instant at = 0;
};

// The same, to be swapped in; throws Error with the reason if it cannot be.
Database require_former(Cluster& cluster, const FormerOf& of,
                        const FormerWanted& wanted);

// Takes its lock and extends the time that it is kept to `until`, but not
// beyond `latest`; never shortens it below that. Returns until when it is kept.
// Throws Error if it no longer exists.
Instant keep_former(Cluster& cluster, const FormerOf& of, Instant until,
                    Instant latest);

}  // namespace berth::worker
