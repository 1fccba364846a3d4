// SPDX-License-Identifier: GPL-2.0-or-later
// Adopt: a database that predates Berth becomes a server's live database. It
// is shown first - owner, size, sessions, collation, tablespace, and what later
// builds take over from it - and marked only when the job names the OID that
// was shown. Nothing but its comment changes, and nobody is cut off.
//
// Where its data come from nobody knows: the marker says so with generation ""
// and no data_at, and a build that replaces it keeps it like any other former
// database. Only that of the name which berth.conf gives the application on
// that server can be adopted; refused is what is marked, whoever's marker it
// is, what belongs to another role, and what no build could replace.
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

// What there is to know before it is done.
struct Adoptable {
  Database database;
  std::vector<std::string> shown;    // a sentence each
  std::vector<std::string> refused;  // why not; empty: it can be adopted
};
// nullopt when there is no such database.
std::optional<Adoptable> look_before_adopting(
    Cluster& cluster, const ApplicationConfig& application,
    const std::string& server);

// Marks it if it still is as it was seen; throws Error otherwise.
void adopt(Cluster& cluster, const Database& seen,
           const std::string& application, const std::string& server,
           std::int64_t job);

}  // namespace berth::worker
