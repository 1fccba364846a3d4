// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/tidy.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <map>

#include "base/lock.hpp"
#include "base/log.hpp"
#include "store/layout.hpp"
#include "store/queue.hpp"
#include "store/sequence.hpp"
#include "worker/trash.hpp"

namespace berth::worker {
namespace {

class Tidying {
 public:
  Tidying(Cluster& cluster, const IsActive& is_active)
      : cluster_(cluster), is_active_(is_active) {}

  std::vector<std::string> run() {
    for (const Database& d : cluster_.databases()) {
      try {
        visit(d);
      } catch (const SqlError& e) {
        problem(d, e.what());
      } catch (const Away&) {
        throw;
      } catch (const Error& e) {
        problem(d, e.what());
      }
    }
    return std::move(problems_);
  }

 private:
  void problem(const Database& d, const std::string& text) {
    problems_.push_back(d.name + ": " + text);
  }

  void visit(const Database& d) {
    const char kind = cluster_.names().kind_of(d.name);
    if (kind == 0) return visit_live(d);
    if (d.marker && d.marker->site != cluster_.names().site()) {
      return problem(d, "has a name of ours, but the marker of another site");
    }
    if ((kind == 'b' || kind == 's') && d.collation_differs) {
      problem(d, "the system's collations have changed since it was made");
    }
    if (kind == 's') visit_copy(d);
    if (kind == 't') visit_trash(d);
    if (kind == 'b' && !cluster_.is_base(d)) {
      problem(d, "has a base's name, but another owner than ours or no marker "
                 "that says so");
    }
  }

  bool in_work(const Database& d) {
    return d.marker && d.marker->job > 0 && is_active_(d.marker->job);
  }

  void visit_live(const Database& d) {
    if (!cluster_.is_marked(d, "live") || d.allow_connections) return;
    // Between the first statement of a swap and its commit this is as it
    // should be, and then the lock is held.
    if (!cluster_.try_lock(d.name)) return;
    const auto now = cluster_.database(d.name);
    if (now && now->oid == d.oid && !now->allow_connections &&
        cluster_.is_marked(*now, "live")) {
      cluster_.allow_connections(d.name, true);
      log_info("database " + d.name + " takes connections again");
    }
    cluster_.unlock(d.name);
  }

  void visit_copy(const Database& d) {
    // A finished copy without a server is a spare, and waits.
    if (d.marker && d.marker->state == "ready" && d.marker->server.empty()) {
      return;
    }
    if (in_work(d) || !cluster_.try_lock(d.name)) return;
    // Looked at again under its lock: it may have been swapped in meanwhile.
    const auto now = cluster_.database(d.name);
    if (now && now->oid == d.oid && !in_work(*now)) {
      const std::int64_t job = now->marker ? now->marker->job : 0;
      log_info("left over: " + d.name + " becomes " +
               to_trash(cluster_, *now, job));
    }
    cluster_.unlock(d.name);
  }

  void visit_trash(const Database& d) {
    if (!cluster_.is_marked(d, "trash")) {
      return problem(d, "has a name of our trash, but no marker that says so");
    }
    if (d.marker->undo_until.value_or(0) > wall_now()) return;
    drop_trash(cluster_, d.name);
    log_info("dropped " + d.name);
  }

  Cluster& cluster_;
  const IsActive& is_active_;
  std::vector<std::string> problems_;
};

void add_former(const Cluster& cluster, const Database& d, ClusterState& out) {
  const DatabaseMarker& marker = *d.marker;
  const auto job = cluster.names().trash_job(d.name);
  if (!job || marker.server.empty() || !marker.undo_until ||
      *marker.undo_until <= out.as_of) {
    return;
  }
  out.former.push_back({d.name, marker.server, marker.application,
                        marker.generation, marker.data_at, *job,
                        *marker.undo_until, d.size});
}

}  // namespace

std::optional<std::int64_t> free_bytes(Cluster& cluster) {
  const std::string host = address_of(cluster.config()).host;
  if (!host.starts_with('/') && host != "localhost" && host != "127.0.0.1" &&
      host != "::1") {
    return std::nullopt;
  }
  try {
    const Rows rows = cluster.sql().query("SHOW data_directory");
    struct statvfs found {};
    if (::statvfs(rows.at(0).at(0).value_or("").c_str(), &found) != 0) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(found.f_bavail * found.f_frsize);
  } catch (const SqlError&) {
    return std::nullopt;
  }
}

std::vector<std::string> tidy(Cluster& cluster, const IsActive& is_active) {
  return Tidying(cluster, is_active).run();
}

ClusterState look_at(Cluster& cluster) {
  ClusterState out;
  out.cluster = cluster.config().name;
  out.reachable = true;
  out.as_of = wall_now();
  out.version = cluster.version();
  out.free_bytes = free_bytes(cluster);
  std::map<std::pair<std::string, std::string>, int> spares;
  for (const Database& d : cluster.databases()) {
    if (cluster.is_base(d) && d.marker->state == "ready") {
      out.bases.push_back({d.marker->application, d.marker->generation, d.name,
                           d.marker->data_at, d.size});
    } else if (cluster.is_marked(d, "spare") && d.marker->server.empty() &&
               d.marker->state == "ready") {
      ++spares[{d.marker->application, d.marker->generation}];
    } else if (cluster.is_marked(d, "trash")) {
      ++out.trash;
      add_former(cluster, d, out);
    }
  }
  std::sort(out.bases.begin(), out.bases.end(),
            [](const Generation& a, const Generation& b) {
              if (a.application != b.application) {
                return a.application < b.application;
              }
              return a.generation > b.generation;
            });
  for (auto it = spares.rbegin(); it != spares.rend(); ++it) {
    out.spares.push_back({it->first.first, it->first.second, it->second});
  }
  return out;
}

void publish_cluster_state(Cluster& cluster, const State& state,
                           std::vector<std::string> problems) {
  ClusterState seen = look_at(cluster);
  seen.problems = std::move(problems);
  state.write("clusters/" + seen.cluster + ".json", to_json(seen));
}

int tidy_chore(const Config& config, const std::string& name) {
  const auto found = config.clusters.find(name);
  if (found == config.clusters.end()) {
    throw Error("tidy", "cluster " + name, "berth.conf does not have it");
  }
  const Layout layout(config.paths);
  const State state(layout.state);
  const Dir locks(layout.lock);
  const auto lock = Lock::try_take(locks, "tidy-" + name);
  if (!lock) return 0;  // one is at it
  const DatabaseNames names(site_uuid(Dir(layout.lib), false));
  const Dir active(layout.active);
  Link link = Link::inherited();
  try {
    Cluster cluster(found->second, names, 0, link);
    const auto problems = tidy(cluster, [&](std::int64_t job) {
      return active.exists(job_file_name(job));
    });
    // Told once, not every minute: the state keeps what is known.
    std::vector<std::string> told;
    if (const auto before = state.read_json("clusters/" + name + ".json")) {
      told = cluster_state_from_json(*before).problems;
    }
    for (const auto& text : problems) {
      if (std::find(told.begin(), told.end(), text) == told.end()) {
        log_warning(text);
      }
    }
    publish_cluster_state(cluster, state, problems);
  } catch (const Interrupted&) {
    return 0;  // the next one goes on
  } catch (const Away& e) {
    ClusterState seen;
    seen.cluster = name;
    seen.as_of = wall_now();
    seen.reason = e.what();
    std::string told;
    // What was known stays known: the page says that it is old.
    if (const auto before = state.read_json("clusters/" + name + ".json")) {
      const ClusterState known = cluster_state_from_json(*before);
      seen.bases = known.bases;
      seen.spares = known.spares;
      seen.trash = known.trash;
      seen.former = known.former;
      seen.orphans = known.orphans;
      seen.version = known.version;
      seen.as_of = known.as_of;
      told = known.reason;
    }
    state.write("clusters/" + name + ".json", to_json(seen));
    if (told != seen.reason) log_warning(seen.reason);
  }
  return 0;
}

}  // namespace berth::worker
