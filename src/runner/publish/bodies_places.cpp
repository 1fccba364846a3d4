// SPDX-License-Identifier: GPL-2.0-or-later
// Bodies of hosts, clusters and applications.
#include "base/text.hpp"
#include "runner/publish/bodies.hpp"

namespace berth::runner {
namespace {

// A cluster's tidy runs every minute; after three missed runs its state is
// stale.
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
    return {false, "cluster " + cluster + " has not reported yet"};
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

// An application with its data on its cluster.
json::object application_body(const World& world,
                              const ApplicationConfig& app,
                              const LiveJob* refresh) {
  json::array servers;
  for (const auto& glob : app.servers) servers.emplace_back(glob);
  json::array bases;
  Freshness state{true, ""};
  const Generation* newest = nullptr;
  int spares = 0;
  const auto cluster = world.clusters.find(app.cluster);
  if (!app.cluster.empty()) state = freshness(world, app.cluster);
  if (!app.cluster.empty() && cluster != world.clusters.end()) {
    bases = bases_of(cluster->second, app.name);
    newest = newest_of(cluster->second, app.name);
    if (newest) spares = spares_of(cluster->second, *newest);
  }
  const auto last = world.last_refresh.find(app.name);
  return {{"name", app.name},
          {"kind", app.kind},
          {"repository", app.repository},
          {"cluster", text_or_null(app.cluster)},
          {"database", text_or_null(app.database)},
          {"servers", std::move(servers)},
          {"url", text_or_null(app.url)},
          {"bases", std::move(bases)},
          {"data_at",
           newest ? or_null(newest->data_at) : json::value(nullptr)},
          {"spares", spares},
          {"spares_wanted", app.spares},
          {"generations_kept", app.generations},
          {"can_refresh", !app.cluster.empty() && !app.dump.empty()},
          {"refresh", refresh ? json::value(job_short(world, *refresh))
                              : json::value(nullptr)},
          {"last_refresh", last == world.last_refresh.end()
                               ? json::value(nullptr)
                               : last->second},
          {"fresh", state.fresh},
          {"stale_reason", text_or_null(state.reason)},
          {"usual_ms", or_null(world.usual.job(JobKind::build, app.name))},
          {"usual", world.usual.steps(JobKind::build, app.name)}};
}

json::array problems_of(const World& world, const std::string& name,
                        const ClusterState& cluster) {
  json::array out;
  for (const auto& problem : cluster.problems) out.emplace_back(problem);
  // A tidy that fails before it can publish - another server answers under this
  // name, a file is unreadable - reports its reason in the log only.
  const auto trouble = world.tidy_trouble.find(name);
  if (trouble != world.tidy_trouble.end() && !trouble->second.empty()) {
    out.emplace_back("the last tidy of " + name + " failed (" +
                     trouble->second + "): see berthd's log, or run "
                     "`berth-worker tidy " + name + "` as berth");
  }
  return out;
}

json::array spares_of(const ClusterState& cluster) {
  json::array out;
  for (const auto& count : cluster.spares) {
    out.push_back({{"application", count.application},
                   {"generation", count.generation},
                   {"ready", count.ready}});
  }
  return out;
}

json::array orphans_of(const ClusterState& cluster) {
  json::array out;
  for (const auto& orphan : cluster.orphans) {
    out.push_back({{"kind", orphan.kind},
                   {"name", orphan.name},
                   {"reason", orphan.reason},
                   {"size", orphan.size}});
  }
  return out;
}

// Names that two hosts have are skipped on both: only here both are known.
json::array skipped_of(const World& world, const Host& host) {
  json::array out;
  for (const auto& one : host.seen.skipped) {
    out.push_back(json::object{{"domain", one.domain}, {"reason", one.reason}});
  }
  for (const auto& domain : host.seen.domains) {
    const Server* server = world.server(domain.server);
    if (server && !server->clash.empty()) {
      out.push_back(json::object{{"domain", printable(domain.name)},
                                 {"reason", server->clash}});
    }
  }
  if (host.seen.skipped_more > 0) {
    const std::string more = std::to_string(host.seen.skipped_more);
    out.push_back(json::object{{"domain", "..."},
                               {"reason", more + " more are skipped"}});
  }
  return out;
}

// The host's objects that cannot be shown.
json::array problems_of(const HostState& host) {
  json::array out;
  for (const auto& problem : host.problems) {
    out.emplace_back(printable(problem, 400));
  }
  for (const auto& domain : host.domains) {
    for (const auto& problem : domain.problems) {
      if (out.size() >= kMostSkipped) return out;
      out.emplace_back("domain " + printable(domain.name) + ": " +
                       printable(problem, 400));
    }
  }
  return out;
}

}  // namespace

json::value hosts_body(const World& world) {
  json::array hosts;
  for (const auto& [name, config] : world.config.hosts) {
    const auto found = world.hosts.find(name);
    const Host host = found == world.hosts.end() ? Host{} : found->second;
    std::int64_t servers = 0;
    for (const auto& domain : host.seen.domains) {
      if (!domain.server.empty()) ++servers;
    }
    json::array images;
    for (const auto& [image, unused] : config.images) {
      images.emplace_back(image);
    }
    hosts.push_back({{"name", name},
                     {"uri", config.uri},
                     {"images", std::move(images)},
                     {"connected", host.seen.connected && host.fresh},
                     {"fresh", host.fresh},
                     {"as_of", instant(host.seen.as_of)},
                     {"reason", text_or_null(host.reason)},
                     {"servers", servers},
                     {"skipped", skipped_of(world, host)},
                     {"problems", problems_of(host.seen)}});
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
    clusters.push_back({{"name", name},
                        {"reachable", c.reachable},
                        {"fresh", state.fresh},
                        {"as_of", instant(c.as_of)},
                        {"reason", text_or_null(state.reason)},
                        {"version", text_or_null(c.server_version)},
                        {"free_bytes", or_null(c.free_bytes)},
                        {"bases", c.bases.size()},
                        {"spares", spares_of(c)},
                        {"former", c.former.size()},
                        {"trash", c.trash},
                        {"orphans", orphans_of(c)},
                        {"problems", problems_of(world, name, c)}});
  }
  return {{"as_of", rfc3339(world.now)}, {"clusters", std::move(clusters)}};
}

json::value applications_body(const World& world) {
  // The running refresh; without one, the first that waits.
  std::map<std::string, const LiveJob*> refreshes;
  for (const auto& [id, live] : world.jobs) {
    if (live.job.kind != JobKind::refresh) continue;
    auto [at, fresh] = refreshes.try_emplace(live.job.application, &live);
    if (!fresh && at->second->state == JobState::queued) at->second = &live;
  }
  json::array applications;
  for (const auto& [name, app] : world.config.applications) {
    const auto found = refreshes.find(name);
    applications.push_back(application_body(
        world, app, found == refreshes.end() ? nullptr : found->second));
  }
  return {{"as_of", rfc3339(world.now)},
          {"applications", std::move(applications)}};
}

}  // namespace berth::runner
