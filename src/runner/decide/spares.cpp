// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/spares.hpp"

#include <algorithm>
#include <set>

namespace berth::runner {
namespace {

constexpr Instant kFirstPause = 60;
constexpr Instant kLongestPause = 3600;

// The spares of one application on its cluster.
struct Pool {
  const Generation* newest = nullptr;
  int ready = 0;   // of the newest
  int wanted = 0;

  bool lacks() const { return newest && ready < wanted; }
  // Whether it lacks a larger share than another.
  bool before(const Pool& other) const {
    return std::int64_t{ready} * other.wanted <
           std::int64_t{other.ready} * wanted;
  }
};

Pool pool_of(const ClusterState& cluster, const ApplicationConfig& app) {
  Pool pool;
  pool.wanted = app.spares;
  pool.newest = newest_of(cluster, app.name);
  if (pool.newest) pool.ready = spares_of(cluster, *pool.newest);
  return pool;
}

struct Busy {
  std::set<std::string> clusters;      // a spare is queued or running
  std::set<std::string> applications;  // a refresh is queued or running
};

Busy busy(const World& world) {
  Busy out;
  for (const auto& [id, live] : world.jobs) {
    if (live.job.kind == JobKind::spare) {
      out.clusters.insert(cluster_of(world.config, live.job));
    }
    if (live.job.kind == JobKind::refresh) {
      out.applications.insert(live.job.application);
    }
  }
  return out;
}

bool has_room(const ClusterState& cluster, const ClusterConfig& config,
              const Generation& base) {
  return !cluster.free_bytes ||
         *cluster.free_bytes - base.size >= config.disk_floor;
}

// If no application has spares, the queue need not be searched.
bool any_wanted(const World& world) {
  return std::any_of(world.config.applications.begin(),
                     world.config.applications.end(), [](const auto& item) {
                       return item.second.spares > 0;
                     });
}

bool in_trouble(const World& world, const std::string& application) {
  const auto trouble = world.spare_trouble.find(application);
  return trouble != world.spare_trouble.end() &&
         world.now < trouble->second.not_before;
}

}  // namespace

std::map<std::string, const Job*> database_jobs(const World& world) {
  std::set<std::string> stuck;
  for (const auto& [id, live] : world.jobs) {
    if (live.state == JobState::unsettled) stuck.insert(live.job.server);
  }
  stuck.erase("");
  std::map<std::string, const Job*> out;
  for (const auto& [id, live] : world.jobs) {
    if (!row_of(live.job.kind).before_spares ||
        stuck.contains(live.job.server)) {
      continue;
    }
    const std::string cluster = cluster_of(world.config, live.job);
    if (!cluster.empty()) out.try_emplace(cluster, &live.job);
  }
  return out;
}

std::vector<SpareWanted> spares_to_make(const World& world) {
  std::vector<SpareWanted> out;
  if (world.draining || world.disk_low || !any_wanted(world)) return out;
  const Busy taken = busy(world);
  const auto people = database_jobs(world);
  for (const auto& [name, config] : world.config.clusters) {
    if (taken.clusters.contains(name) || people.contains(name) ||
        !world.seen_since_change(name)) {
      continue;
    }
    const ClusterState& cluster = world.clusters.at(name);
    int ready = 0;
    for (const auto& count : cluster.spares) ready += count.ready;
    if (ready >= config.spares) continue;
    Pool first;
    for (const auto& [application, app] : world.config.applications) {
      if (app.cluster != name || taken.applications.contains(application) ||
          in_trouble(world, application)) {
        continue;
      }
      const Pool pool = pool_of(cluster, app);
      if (!pool.lacks() || !has_room(cluster, config, *pool.newest)) continue;
      if (!first.newest || pool.before(first)) first = pool;
    }
    if (first.newest) {
      out.push_back({first.newest->application, first.newest->generation});
    }
  }
  return out;
}

std::vector<std::int64_t> spares_not_needed(const World& world) {
  std::vector<std::int64_t> out;
  for (const auto& [id, live] : world.jobs) {
    if (live.job.kind != JobKind::spare || live.state != JobState::queued) {
      continue;
    }
    const auto app = world.config.applications.find(live.job.application);
    if (app == world.config.applications.end() || world.draining) {
      out.push_back(id);
      continue;
    }
    // The cluster's state is out of date, so whether they are needed is not
    // known.
    if (!world.seen_since_change(app->second.cluster)) continue;
    const Pool pool =
        pool_of(world.clusters.at(app->second.cluster), app->second);
    if (!pool.lacks() ||
        live.job.text("generation") != pool.newest->generation) {
      out.push_back(id);
    }
  }
  return out;
}

Job spare_job(const World& world, const SpareWanted& wanted,
              std::int64_t number) {
  Job job;
  job.id = number;
  job.kind = JobKind::spare;
  job.application = wanted.application;
  job.user = "berth";
  job.created_at = world.now;
  job.arguments = to_json(SpareArguments{wanted.generation});
  return job;
}

void note_spare(SpareTrouble& trouble, Outcome outcome, Instant at) {
  if (outcome == Outcome::succeeded) {
    trouble = {};
  } else if (outcome == Outcome::cancelled) {
    trouble.not_before = at + kFirstPause;
  } else {
    const Instant pause = kFirstPause << std::min(trouble.failures, 6);
    trouble.not_before = at + std::min(pause, kLongestPause);
    ++trouble.failures;
  }
}

}  // namespace berth::runner
