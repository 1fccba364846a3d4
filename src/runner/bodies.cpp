// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/bodies.hpp"

namespace berth::runner {
namespace {

// A cluster's tidy runs every minute; three missed make its news old.
constexpr Instant kClusterFresh = 200;

json::value instant(Instant at) {
  return at == 0 ? json::value(nullptr) : json::value(rfc3339(at));
}

struct Freshness {
  bool fresh = false;
  std::string reason;
};

Freshness freshness(const World& world, const std::string& cluster) {
  const auto found = world.clusters.find(cluster);
  if (found == world.clusters.end()) {
    return {false, "nothing is known of cluster " + cluster + " yet"};
  }
  if (!found->second.reachable) return {false, found->second.reason};
  if (world.now - found->second.as_of > kClusterFresh) {
    return {false, "cluster " + cluster + " was last seen at " +
                       rfc3339(found->second.as_of)};
  }
  return {true, ""};
}

json::array bases_of(const ClusterState& cluster, const std::string& app) {
  json::array out;
  for (const auto& base : cluster.bases) {
    if (base.application != app) continue;
    const auto at = parse_generation(base.generation);
    out.push_back({{"generation", base.generation},
                   {"published_at", at ? instant(*at) : nullptr},
                   {"data_at", base.data_at ? instant(*base.data_at)
                                            : json::value(nullptr)},
                   {"size", base.size},
                   {"database", base.database}});
  }
  return out;
}

json::object application_body(const World& world,
                              const ApplicationConfig& app) {
  json::array servers;
  for (const auto& glob : app.servers) servers.emplace_back(glob);
  json::array bases;
  int spares = 0;
  Freshness state{true, ""};
  if (!app.cluster.empty()) {
    state = freshness(world, app.cluster);
    const auto cluster = world.clusters.find(app.cluster);
    if (cluster != world.clusters.end()) {
      bases = bases_of(cluster->second, app.name);
      for (const auto& count : cluster->second.spares) {
        if (count.application == app.name) spares += count.ready;
      }
    }
  }
  return {{"name", app.name},
          {"kind", app.kind},
          {"repository", app.repository},
          {"cluster", text_or_null(app.cluster)},
          {"database", text_or_null(app.database)},
          {"servers", std::move(servers)},
          {"url", text_or_null(app.url)},
          {"bases", std::move(bases)},
          {"spares", spares},
          {"fresh", state.fresh},
          {"stale_reason", text_or_null(state.reason)},
          {"usual_ms", or_null(world.usual.job(app.name))},
          {"usual", world.usual.steps(app.name)}};
}

}  // namespace

JobsByServer jobs_by_server(const World& world) {
  JobsByServer out;
  for (const auto& [id, live] : world.jobs) {
    if (live.job.server.empty()) continue;
    // The one that runs; else the first that waits.
    auto [at, fresh] = out.try_emplace(live.job.server, &live);
    if (!fresh && live.state != JobState::queued) at->second = &live;
  }
  return out;
}

json::object server_body(const World& world, const std::string& name,
                         const JobsByServer& jobs) {
  const Server& s = world.servers.at(name);
  json::array addresses;
  for (const auto& address : s.addresses) addresses.emplace_back(address);
  const auto job = jobs.find(name);
  return {{"name", name},
          {"host", text_or_null(s.host)},
          {"state", s.state},
          {"fresh", s.fresh},
          {"state_as_of", instant(s.as_of)},
          {"stale_reason", text_or_null(s.stale_reason)},
          {"addresses", std::move(addresses)},
          {"hold", to_json(s.hold)},
          {"configuration", to_json(s.configuration)},
          {"job", job == jobs.end()
                      ? json::value(nullptr)
                      : json::value(job_short(world, *job->second))},
          {"last_job", s.last_job}};
}

json::value servers_body(const World& world) {
  const JobsByServer jobs = jobs_by_server(world);
  json::array servers;
  for (const auto& [name, server] : world.servers) {
    servers.push_back(server_body(world, name, jobs));
  }
  return {{"as_of", rfc3339(world.now)}, {"servers", std::move(servers)}};
}

json::value one_server_body(const World& world, const std::string& name) {
  json::object out = server_body(world, name, jobs_by_server(world));
  out["as_of"] = rfc3339(world.now);
  return out;
}

json::value hosts_body(const World& world) {
  json::array hosts;
  for (const auto& [name, config] : world.config.hosts) {
    const auto found = world.hosts.find(name);
    const Host host = found == world.hosts.end() ? Host{} : found->second;
    std::int64_t servers = 0;
    for (const auto& domain : host.seen.domains) {
      if (!domain.server.empty()) ++servers;
    }
    hosts.push_back({{"name", name},
                     {"uri", config.uri},
                     {"connected", host.seen.connected && host.fresh},
                     {"fresh", host.fresh},
                     {"as_of", instant(host.seen.as_of)},
                     {"reason", text_or_null(host.reason)},
                     {"servers", servers}});
  }
  return {{"as_of", rfc3339(world.now)}, {"hosts", std::move(hosts)}};
}

json::value clusters_body(const World& world) {
  json::array clusters;
  for (const auto& [name, config] : world.config.clusters) {
    const auto found = world.clusters.find(name);
    const ClusterState c =
        found == world.clusters.end() ? ClusterState{} : found->second;
    const Freshness state = freshness(world, name);
    json::array problems;
    for (const auto& problem : c.problems) problems.emplace_back(problem);
    clusters.push_back({{"name", name},
                        {"reachable", c.reachable},
                        {"fresh", state.fresh},
                        {"as_of", instant(c.as_of)},
                        {"reason", text_or_null(state.reason)},
                        {"version", text_or_null(c.version)},
                        {"free_bytes", or_null(c.free_bytes)},
                        {"bases", c.bases.size()},
                        {"trash", c.trash},
                        {"problems", std::move(problems)}});
  }
  return {{"as_of", rfc3339(world.now)}, {"clusters", std::move(clusters)}};
}

json::value applications_body(const World& world) {
  json::array applications;
  for (const auto& [name, app] : world.config.applications) {
    applications.push_back(application_body(world, app));
  }
  return {{"as_of", rfc3339(world.now)},
          {"applications", std::move(applications)}};
}

}  // namespace berth::runner
