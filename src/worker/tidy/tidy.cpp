// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/tidy/tidy.hpp"

#include <algorithm>

#include "base/lock.hpp"
#include "base/log.hpp"
#include "store/layout.hpp"
#include "store/queue.hpp"
#include "store/sequence.hpp"
#include "worker/cluster/disk_space.hpp"
#include "worker/cluster/orphan.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/tidy/doctor.hpp"

namespace berth::worker {
namespace {

// The locks of a tidy that was killed remain until the server notices its end.
constexpr std::int64_t kEarlier = 10;  // seconds

class Tidying {
 public:
  Tidying(Cluster& cluster, const IsActive& is_active)
      : cluster_(cluster), is_active_(is_active) {}

  void act(const TidyPlan& plan) {
    for (const Deed& deed : plan.deeds) {
      if (deed.what == Deed::What::drop) {
        trash_.push_back(deed.database.name);
      } else {
        // A base may be locked by a copy for hours: retried next time.
        trying(deed.database.name, deed.what == Deed::What::discard_base,
               [&] { under_lock(deed); });
      }
    }
    // Includes what has just become trash, so that one run is enough.
    for (const std::string& name : trash_) {
      trying(name, false, [&] { drop(name); });
    }
  }
  std::vector<std::string> take_problems() { return std::move(problems_); }

 private:
  template <class Work>
  void trying(const std::string& name, bool may_be_locked, Work work) {
    cluster_.link().check();
    try {
      work();
    } catch (const Away&) {
      throw;
    } catch (const SqlError& e) {
      if (may_be_locked && e.sqlstate() == "55P03") return tell_lasting(name);
      problems_.push_back(name + ": " + e.what());
    } catch (const Error& e) {
      problems_.push_back(name + ": " + e.what());
    }
  }

  // A copy of it ends some time; an obstacle without a session does not.
  void tell_lasting(const std::string& name) {
    for (const Obstacle& obstacle : cluster_.obstacles(name)) {
      problems_.push_back(name + ": " + obstacle.text);
    }
  }

  void under_lock(const Deed& deed) {
    const std::string& name = deed.database.name;
    if (!cluster_.try_lock(name)) return;  // another process works on it
    try {
      const auto now = cluster_.database(name);
      if (now && still_so(deed, *now)) perform(deed, *now);
    } catch (const Away&) {
      throw;  // the lock ended with the connection
    } catch (...) {
      cluster_.unlock(name);
      throw;
    }
    cluster_.unlock(name);
  }

  bool still_so(const Deed& deed, const Database& now) {
    if (now.oid != deed.database.oid ||
        now.comment != deed.database.comment) {
      return false;
    }
    if (deed.what == Deed::What::open) return !now.allow_connections;
    if (deed.what == Deed::What::seal) return now.owner == deed.database.owner;
    // A waiting spare or a ready base belongs to no job any more.
    const bool ready = now.marker && now.marker->state == "ready" &&
                       now.marker->server.empty();
    return ready || !now.marker || now.marker->job <= 0 ||
           !is_active_(now.marker->job);
  }

  void perform(const Deed& deed, const Database& d) {
    if (deed.what == Deed::What::open) {
      cluster_.allow_connections(d.name, true);
      log_info("database " + d.name + " accepts connections again");
      return;
    }
    if (deed.what == Deed::What::seal) {
      log_info(d.name + " " + deed.why + ": Berth now owns it and keeps it "
               "until " + rfc3339(seal_trash(cluster_, d, deed.longest)));
      return;
    }
    const std::int64_t job = d.marker ? d.marker->job : 0;
    const std::string name =
        to_trash(cluster_, d, job,
                 deed.what == Deed::What::discard_base ? Discard::base
                                                       : Discard::copy);
    log_info(d.name + " " + deed.why + ": renamed to " + name);
    trash_.push_back(name);
  }

  void drop(const std::string& name) {
    // Skipped while an undo or a keep works on it.
    if (!cluster_.try_lock(name)) return;
    cluster_.unlock(name);
    drop_trash(cluster_, name);
    log_info("dropped " + name);
  }

  Cluster& cluster_;
  const IsActive& is_active_;
  std::vector<std::string> trash_;
  std::vector<std::string> problems_;
};

// Logs only news, not everything every minute: the state has what is known.
void log_news(const std::optional<ClusterState>& before,
              const ClusterState& seen) {
  for (const auto& text : seen.problems) {
    const bool logged =
        before && std::find(before->problems.begin(), before->problems.end(),
                            text) != before->problems.end();
    if (!logged) log_warning(text);
  }
  for (const Orphan& orphan : seen.orphans) {
    const bool logged =
        before && std::any_of(before->orphans.begin(), before->orphans.end(),
                              [&](const Orphan& o) {
                                return o.name == orphan.name &&
                                       o.reason == orphan.reason;
                              });
    if (!logged) log_warning("orphan " + orphan.name + " " + orphan.reason);
  }
}

void tidy_and_publish(TidyFacts facts, const Config& config,
                      const ClusterConfig& which, const Layout& layout,
                      const State& state) {
  const DatabaseNames names(site_uuid(Dir(layout.lib), false));
  const Dir active(layout.active);
  Link link = Link::inherited();
  Cluster cluster(which, names, 0, link);
  require_pinned(cluster, config);
  facts.free_bytes = free_bytes(cluster);
  Tidied done = tidy(cluster, facts, [&](std::int64_t job) {
    return active.exists(job_file_name(job));
  });
  const auto before = published_state(state, which.name);
  ClusterState seen = look_at(cluster, config);
  seen.problems = std::move(done.problems);
  for (const auto& text : facts.needs.unreadable) {
    seen.problems.push_back("cannot read a job: " + text);
  }
  for (const Finding& finding : examine_role(cluster, config)) {
    if (!finding.problem) continue;
    seen.problems.push_back(finding.text + std::string(kDoctorHasTheSql));
  }
  seen.orphans = std::move(done.orphans);
  for (Orphan& folder : orphan_folders(
           cluster, before ? before->orphans : std::vector<Orphan>{})) {
    seen.orphans.push_back(std::move(folder));
  }
  log_news(before, seen);
  publish_state(state, seen);
}

}  // namespace

Tidied tidy(Cluster& cluster, const TidyFacts& facts,
            const IsActive& is_active) {
  Tidied out;
  const std::string own = cluster.names().prefix() + "tidy";
  const Deadline deadline = Deadline::in_s(kEarlier);
  while (!cluster.try_lock(own)) {
    if (deadline.passed()) {
      out.problems.push_back(
          "another console with the same site is tidying the cluster; was it "
          "created with a copy of this console's lib/site?");
      return out;
    }
    cluster.link().sleep(100);
  }
  TidyPlan plan =
      plan_tidy(cluster.databases(), cluster.names(), cluster.role(), facts);
  Tidying tidying(cluster, is_active);
  tidying.act(plan);
  cluster.unlock(own);
  out.orphans = std::move(plan.orphans);
  out.problems = std::move(plan.problems);
  for (std::string& text : tidying.take_problems()) {
    out.problems.push_back(std::move(text));
  }
  return out;
}

int tidy_chore(const Config& config, const std::string& name) {
  const auto found = config.clusters.find(name);
  if (found == config.clusters.end()) {
    throw Error("tidy", "cluster " + name, "it is not in berth.conf");
  }
  const Layout layout(config.paths);
  const State state(layout.state);
  const auto lock = Lock::try_take(Dir(layout.lock), "tidy-" + name);
  if (!lock) return 0;  // another one is running
  // Berth's own files are read first: an error in them must not be published as
  // a problem of the cluster.
  TidyFacts facts = read_facts(config, name);
  try {
    tidy_and_publish(std::move(facts), config, found->second, layout,
                     state);
  } catch (const Interrupted&) {
    return 0;  // the next one continues
  } catch (const Error& e) {
    // It is unreachable, is another cluster, or refuses a necessary query.
    if (publish_away(state, name, e.what())) log_warning(e.what());
  }
  return 0;
}

}  // namespace berth::worker
