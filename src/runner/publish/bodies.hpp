// SPDX-License-Identifier: GPL-2.0-or-later
// The bodies of the API, made from the world by pure functions. The publisher
// decides when they are made; the web side sends them unchanged. Every instant
// is RFC 3339 in UTC; no body contains an age.
#pragma once

#include <map>
#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

// Jobs by server, so that the queue is read once for all servers.
using JobsByServer = std::map<std::string, const LiveJob*>;
JobsByServer jobs_by_server(const World& world);

json::object server_body(const World& world, const std::string& name,
                         const JobsByServer& jobs);
json::value servers_body(const World& world);
json::value one_server_body(const World& world, const std::string& name);

json::object job_short(const World& world, const LiveJob& live);
// The body of GET /jobs/N of a job that has not ended; without steps, its entry
// in GET /jobs.
json::object job_body(const World& world, const LiveJob& live,
                      bool with_steps);
// As text, because the ended jobs in it are kept as text.
std::string jobs_text(const World& world);
json::value queue_body(const World& world);

json::value hosts_body(const World& world);
json::value clusters_body(const World& world);
json::value applications_body(const World& world);

}  // namespace berth::runner
