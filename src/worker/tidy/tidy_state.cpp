// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/tidy/tidy_state.hpp"

#include <algorithm>
#include <map>

#include "base/name.hpp"
#include "worker/cluster/disk_space.hpp"
#include "worker/tidy/retire.hpp"
#include "worker/tidy/tidy_facts.hpp"

namespace berth::worker {
namespace {

// The application of a marker, if it may have databases here. The database's
// owner may have written the marker, and must not speak for another
// application.
const ApplicationConfig* named_application(const Config& config,
                                           const Cluster& cluster,
                                           const DatabaseMarker& marker) {
  if (!is_server_name(marker.server)) return nullptr;
  return application_on(config, cluster.config().name, marker.application);
}

// Only if Berth owns it: until tidy has sealed it, its owner can write the
// marker.
void add_former(const Config& config, const Cluster& cluster,
                const Database& d, ClusterState& out) {
  const DatabaseMarker& marker = *d.marker;
  if (d.owner != cluster.role() ||
      !named_application(config, cluster, marker)) {
    return;
  }
  const auto job = cluster.names().trash_job(d.name);
  if (!job || cluster.names().trash_oid(d.name) != d.oid ||
      marker.server.empty() || !marker.undo_until ||
      *marker.undo_until <= out.as_of || d.connection_limit == -2) {
    return;
  }
  out.former.push_back({d.name, marker.server, marker.application,
                        marker.generation, marker.data_at, *job,
                        *marker.undo_until, d.size});
}

// Only if the name is the one that berth.conf gives to the application's
// database on the server: the owner of another database cannot have that name.
void add_live(const Config& config, const Cluster& cluster, const Database& d,
              ClusterState& out) {
  const DatabaseMarker& marker = *d.marker;
  const auto* application = named_application(config, cluster, marker);
  if (!application || application->database_on(marker.server) != d.name) {
    return;
  }
  out.live.push_back({d.name, d.oid, marker.server, marker.application,
                      marker.generation, marker.job});
}

}  // namespace

ClusterState look_at(Cluster& cluster, const Config& config) {
  ClusterState out;
  out.cluster = cluster.config().name;
  out.reachable = true;
  out.as_of = wall_now();
  out.server_version = cluster.version();
  out.system = cluster.expected_system();
  out.free_bytes = free_bytes(cluster);
  std::map<std::pair<std::string, std::string>, int> spares;
  for (const Database& d : cluster.databases()) {
    if (cluster.is_base(d) && d.marker->state == "ready") {
      out.bases.push_back({d.marker->application, d.marker->generation, d.name,
                           d.marker->data_at, d.size});
    } else if (is_waiting(d, cluster.names(), cluster.role())) {
      ++spares[{d.marker->application, d.marker->generation}];
    } else if (cluster.is_marked(d, "trash")) {
      ++out.trash;
      add_former(config, cluster, d, out);
    } else if (cluster.is_marked(d, "live") &&
               cluster.names().kind_of(d.name) == 0) {
      add_live(config, cluster, d, out);
    }
  }
  std::sort(out.bases.begin(), out.bases.end(),
            [](const Generation& a, const Generation& b) {
              if (a.application != b.application) {
                return a.application < b.application;
              }
              return a.generation > b.generation;
            });
  for (const auto& [key, ready] : spares) {
    out.spares.push_back({key.first, key.second, ready});
  }
  std::sort(out.spares.begin(), out.spares.end(),
            [](const SpareCount& a, const SpareCount& b) {
              if (a.application != b.application) {
                return a.application < b.application;
              }
              return a.generation > b.generation;
            });
  return out;
}

std::optional<ClusterState> published_state(const State& state,
                                            const std::string& cluster) {
  return read_cluster_state(state, cluster);
}

void publish_state(const State& state, const ClusterState& seen) {
  state.write(cluster_state_file(seen.cluster), to_json(seen));
}

bool publish_away(const State& state, const std::string& cluster,
                  const std::string& reason) {
  const auto before = published_state(state, cluster);
  ClusterState seen = before.value_or(ClusterState{});
  seen.cluster = cluster;
  if (!before) seen.as_of = wall_now();
  seen.reachable = false;
  seen.reason = reason;
  seen.free_bytes.reset();
  seen.problems.clear();
  publish_state(state, seen);
  return !before || before->reason != reason;
}

}  // namespace berth::worker
