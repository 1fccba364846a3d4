// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/checks.hpp"

#include <algorithm>

namespace berth::runner {
namespace {

constexpr Instant kCheckEvery = 86400;

Instant last_looked(const Server& server) {
  const Check* check = check_of(server);
  const Instant built = server.configuration->built_at;
  return check ? std::max(built, check->at) : built;
}

}  // namespace

const Check* check_of(const Server& server) {
  if (!server.check || !server.configuration ||
      server.check->build != server.configuration->job) {
    return nullptr;
  }
  return &*server.check;
}

std::optional<std::string> check_to_make(const World& world) {
  if (!world.jobs.empty() || world.draining || world.disk_low) {
    return std::nullopt;
  }
  std::optional<std::string> out;
  Instant longest = world.now - kCheckEvery;
  for (const auto& [name, server] : world.servers) {
    if (!server.configuration || !server.fresh || server.state != "running" ||
        world.now < server.next_check ||
        !world.config.applications.contains(
            server.configuration->application)) {
      continue;
    }
    const Instant at = last_looked(server);
    if (at > longest || (out && at == longest)) continue;
    out = name;
    longest = at;
  }
  return out;
}

Job check_job(const World& world, const std::string& server,
              std::int64_t number) {
  const Configuration& on = *world.servers.at(server).configuration;
  Job job;
  job.id = number;
  job.kind = JobKind::check;
  job.server = server;
  job.application = on.application;
  job.user = "berth";
  job.created_at = world.now;
  job.arguments = to_json(CheckArguments{on.job});
  return job;
}

}  // namespace berth::runner
