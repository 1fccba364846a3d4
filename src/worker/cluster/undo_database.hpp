// SPDX-License-Identifier: GPL-2.0-or-later
// A server's former database: what the last swap put into the trash, and an
// undo brings back. It is known by its name (the OID, and the job that put it
// there) and by its marker (site, application, server), never by one of them.
// A copy that a failed attempt of the same job left in the trash has that
// job's number in its marker; the former database has the number of the job
// that once made it live.
#pragma once

#include <optional>
#include <string>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

struct FormerOf {
  std::string application;
  std::string server;
  std::int64_t job = 0;  // whose swap put it into the trash
};

// nullopt: dropped, or there never was one. One that is Berth's own goes before
// one that a Berth of before left to the application's role, which can write
// what it likes on it.
std::optional<Database> find_former(Cluster& cluster, const FormerOf& of);

struct FormerWanted {
  std::string owner;                // berth.conf's, who is given it back
  std::optional<std::int64_t> oid;  // as history says; nullopt: not known
  // When the undo was accepted. tidy leaves what a job in queue/ or active/
  // needs, so what was kept until then is still kept.
  Instant at = 0;
};

// The same, for swapping it in: throws Error with what is wrong with it.
Database require_former(Cluster& cluster, const FormerOf& of,
                        const FormerWanted& wanted);

// Under its lock: it is kept until then, or longer if it was, but not beyond
// `latest`. Returns until when. Throws Error when it is gone.
Instant keep_former(Cluster& cluster, const FormerOf& of, Instant until,
                    Instant latest);

}  // namespace berth::worker
