// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world.hpp"

namespace berth::runner {

const Server* World::server(const std::string& name) const {
  const auto found = servers.find(name);
  return found == servers.end() ? nullptr : &found->second;
}

std::vector<const LiveJob*> World::jobs_on(const std::string& name) const {
  std::vector<const LiveJob*> out;
  for (const auto& [id, job] : jobs) {
    if (job.job.server == name) out.push_back(&job);
  }
  return out;
}

const LiveJob* World::active_on(const std::string& name) const {
  for (const auto& [id, job] : jobs) {
    if (job.job.server == name && job.state != JobState::queued) return &job;
  }
  return nullptr;
}

bool World::is_free(const std::string& name) const {
  const Server* found = server(name);
  return found && found->fresh && found->state == "running" &&
         !found->hold && found->taken_over_by.empty() &&
         jobs_on(name).empty();
}

std::vector<std::string> World::free_servers() const {
  std::set<std::string> busy;
  for (const auto& [id, job] : jobs) busy.insert(job.job.server);
  std::vector<std::string> out;
  for (const auto& [name, server] : servers) {
    if (server.fresh && server.state == "running" && !server.hold &&
        server.taken_over_by.empty() && !busy.contains(name)) {
      out.push_back(name);
    }
  }
  return out;
}

void World::merge_hosts() {
  std::map<std::string, Server> next;
  for (const auto& [host_name, host] : hosts) {
    for (const auto& domain : host.seen.domains) {
      if (domain.server.empty()) continue;
      Server& server = next[domain.server];
      // One name on two hosts: whoever is fresh and runs it has it.
      if (!server.host.empty() &&
          !(host.fresh && domain.state == "running" &&
            !(server.fresh && server.state == "running"))) {
        continue;
      }
      server.host = host_name;
      server.state = domain.state;
      server.fresh = host.fresh;
      server.stale_reason = host.fresh ? "" : host.reason;
      server.as_of = host.seen.as_of;
      server.addresses = domain.addresses;
    }
  }
  for (auto& [name, old] : servers) {
    const bool listed = next.contains(name);
    // A guest that vanished keeps what is known of it; without anything to
    // keep it is forgotten.
    if (!listed && !old.hold && !old.configuration && jobs_on(name).empty()) {
      changes.servers.insert(name);
      continue;
    }
    Server& server = next[name];
    if (!listed) {
      server.as_of = old.as_of;
      server.stale_reason = "no host lists it";
    }
    server.hold = old.hold;
    server.configuration = old.configuration;
    server.last_job = old.last_job;
    server.taken_over_by = old.taken_over_by;
    if (old.host != server.host || old.state != server.state ||
        old.fresh != server.fresh || old.as_of != server.as_of ||
        old.addresses != server.addresses ||
        old.stale_reason != server.stale_reason) {
      changes.servers.insert(name);
    }
  }
  for (const auto& [name, server] : next) {
    if (!servers.contains(name)) changes.servers.insert(name);
  }
  servers = std::move(next);
}

}  // namespace berth::runner
