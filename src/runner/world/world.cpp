// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/world.hpp"

#include <algorithm>

namespace berth::runner {
namespace {

// The most jobs that can have run since the backup from which a console was
// restored.
constexpr std::int64_t kMostBehind = 1'000'000;

// Marks the servers of the databases that are in `a` but not in `b`.
template <class Database>
void note_differences(const std::vector<Database>& a,
                      const std::vector<Database>& b, World& world) {
  for (const auto& one : a) {
    if (std::find(b.begin(), b.end(), one) == b.end() &&
        world.servers.contains(one.server)) {
      world.changes.servers.insert(one.server);
    }
  }
}

}  // namespace

const Server* World::server(const std::string& name) const {
  const auto found = servers.find(name);
  return found == servers.end() ? nullptr : &found->second;
}

std::vector<const LiveJob*> World::jobs_on(const std::string& name) const {
  std::vector<const LiveJob*> out;
  for (const auto& [id, job] : jobs) {
    if (job.job.server == name && !only_looks(job.job.kind)) {
      out.push_back(&job);
    }
  }
  return out;
}

const LiveJob* World::active_on(const std::string& name) const {
  for (const auto& [id, job] : jobs) {
    if (job.job.server == name && job.state != JobState::queued &&
        !only_looks(job.job.kind)) {
      return &job;
    }
  }
  return nullptr;
}

std::vector<std::string> World::free_servers() const {
  std::set<std::string> busy;
  for (const auto& [id, job] : jobs) {
    if (!only_looks(job.job.kind)) busy.insert(job.job.server);
  }
  std::vector<std::string> out;
  for (const auto& [name, server] : servers) {
    if (server.fresh && server.state == "running" && !server.hold &&
        server.taken_over_by.empty() && !busy.contains(name)) {
      out.push_back(name);
    }
  }
  return out;
}

bool World::seen_since_change(const std::string& cluster) const {
  const auto seen = clusters.find(cluster);
  if (seen == clusters.end() || !seen->second.reachable) return false;
  const auto change = changed.find(cluster);
  return seen->second.as_of >= since &&
         (change == changed.end() || seen->second.as_of > change->second);
}

void World::take_cluster(const std::string& name, ClusterState state) {
  const ClusterState old = std::move(clusters[name]);
  note_differences(old.former, state.former, *this);
  note_differences(state.former, old.former, *this);
  note_differences(old.live, state.live, *this);
  note_differences(state.live, old.live, *this);
  if (old.reachable != state.reachable) {
    for (const auto& [server, s] : servers) {
      if (s.configuration && s.configuration->database &&
          s.configuration->database->cluster == name) {
        changes.servers.insert(server);
      }
    }
  }
  // A job number on a database has been given out even if a restored backup
  // does not know it. But an application's role can write any number into the
  // marker of its live database, so a number further ahead than any backup can
  // be is ignored.
  const std::int64_t most = last_number + kMostBehind;
  const auto take_number = [this, most](std::int64_t job) {
    if (job <= most) last_number = std::max(last_number, job);
  };
  for (const auto& one : state.live) take_number(one.job);
  for (const auto& one : state.former) take_number(one.job);
  clusters[name] = std::move(state);
  live.clear();
  for (const auto& [cluster, seen] : clusters) {
    for (const auto& one : seen.live) {
      live[one.server].push_back({cluster, one});
    }
  }
  changes.places = true;
}

void World::merge_hosts() {
  std::map<std::string, Server> next;
  for (const auto& [host_name, host] : hosts) {
    for (const auto& domain : host.seen.domains) {
      if (domain.server.empty()) continue;
      Server& server = next[domain.server];
      // A name on two hosts is ambiguous, so no job is accepted for either
      // domain.
      if (!server.host.empty()) {
        server.clash = domain.server + " is a domain on host " + server.host +
                       " and on host " + host_name +
                       ": rename one, or give it another name with `aliases`";
        server.fresh = false;
        server.state = "unknown";
        server.stale_reason = server.clash;
        server.domain = DomainState{};
        continue;
      }
      server.host = host_name;
      server.state = domain.state;
      server.fresh = host.fresh;
      server.stale_reason = host.fresh ? "" : host.reason;
      server.as_of = host.seen.as_of;
      server.domain = domain;
    }
  }
  for (auto& [name, old] : servers) {
    const bool listed = next.contains(name);
    // A guest that no host lists keeps its hold, configuration and jobs;
    // without any of them it is forgotten.
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
    server.last_switch = old.last_switch;
    server.history_seq = old.history_seq;
    server.check = old.check;
    server.next_check = old.next_check;
    server.taken_over_by = old.taken_over_by;
    server.faulty = old.faulty;
    if (old.host != server.host || old.state != server.state ||
        old.fresh != server.fresh || old.as_of != server.as_of ||
        old.domain != server.domain || old.clash != server.clash ||
        old.stale_reason != server.stale_reason) {
      changes.servers.insert(name);
    }
  }
  for (const auto& [name, server] : next) {
    if (!servers.contains(name)) changes.servers.insert(name);
  }
  servers = std::move(next);
}

Hold hold_of_build(const Job& job, Instant now, const Config& config) {
  const BuildArguments a = job.build();
  Hold hold;
  hold.user = job.user;
  hold.since = now;
  hold.until = now + config.default_hold;
  hold.note = a.note;
  hold.made_by = job.id;
  if (a.release != "never") {
    hold.job = job.id;
    hold.release = a.release;
  }
  return hold;
}

const Generation* newest_of(const ClusterState& cluster,
                            const std::string& application) {
  const Generation* out = nullptr;
  for (const auto& base : cluster.bases) {
    if (base.application == application &&
        (!out || base.generation > out->generation)) {
      out = &base;
    }
  }
  return out;
}

int spares_of(const ClusterState& cluster, const Generation& base) {
  int ready = 0;
  for (const auto& count : cluster.spares) {
    if (count.application == base.application &&
        count.generation == base.generation) {
      ready += count.ready;
    }
  }
  return ready;
}

std::string cluster_of(const Config& config, const Job& job) {
  if (only_looks(job.kind)) return "";
  if (job.kind == JobKind::drop) return job.text("cluster");
  if (job.kind == JobKind::build && job.text("database") == "none") return "";
  if (job.kind == JobKind::undo && !job.flag("database")) return "";
  const auto app = config.applications.find(job.application);
  return app == config.applications.end() ? "" : app->second.cluster;
}

}  // namespace berth::runner
