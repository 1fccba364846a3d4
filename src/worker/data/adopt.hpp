// SPDX-License-Identifier: GPL-2.0-or-later
// Adopt: makes a database that predates Berth a server's live database. It is
// shown first - owner, size, sessions, collation, tablespace, and the
// properties that later builds take over from it - and marked only when the job
// names the OID that was shown. Only its comment changes, and no session is
// ended.
//
// The origin of its data is unknown, so the marker has generation "" and no
// data_at; a build that replaces it keeps it like any other former database.
// Only the database with the name that berth.conf gives the application on that
// server can be adopted. It is refused if it has a marker, of any console, is
// owned by another role, or could not be replaced by a build.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"
#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void adopt_job(const Context& context, Journal& journal,
               const Attempt& attempt);

// A database as it is shown before it is adopted.
struct Adoptable {
  Database database;
  std::vector<std::string> shown;    // a sentence each
  std::vector<std::string> refused;  // the reasons; empty: it can be adopted
};
// nullopt if there is no such database.
std::optional<Adoptable> look_before_adopting(
    Cluster& cluster, const ApplicationConfig& application,
    const std::string& server);

// Marks it if it is still the database in `seen`; throws Error otherwise.
void adopt(Cluster& cluster, const Database& seen,
           const std::string& application, const std::string& server,
           std::int64_t job);

}  // namespace berth::worker
