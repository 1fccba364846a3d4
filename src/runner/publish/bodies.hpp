// SPDX-License-Identifier: GPL-2.0-or-later
// What readers are told: the bodies of the API, made from the world. Pure:
// the publisher decides when they are made, the web side sends them as they
// are. All instants are RFC 3339 in UTC; there are no ages in them.
#pragma once

#include <map>
#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

// Jobs by server, so that a thousand servers are one walk over the queue.
using JobsByServer = std::map<std::string, const LiveJob*>;
JobsByServer jobs_by_server(const World& world);

json::object server_body(const World& world, const std::string& name,
                         const JobsByServer& jobs);
json::value servers_body(const World& world);
json::value one_server_body(const World& world, const std::string& name);

json::object job_short(const World& world, const LiveJob& live);
// GET /jobs/N of a job that is not done; without steps as in GET /jobs.
json::object job_body(const World& world, const LiveJob& live,
                      bool with_steps);
// Text: the ended jobs in it are kept as text.
std::string jobs_text(const World& world);
json::value queue_body(const World& world);

json::value hosts_body(const World& world);
json::value clusters_body(const World& world);
json::value applications_body(const World& world);

}  // namespace berth::runner
