// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/tidy/tidy_facts.hpp"

#include <algorithm>

#include "base/name.hpp"
#include "store/drop.hpp"
#include "store/history.hpp"
#include "store/host_state.hpp"
#include "store/queue.hpp"
#include "store/receipt.hpp"
#include "store/state.hpp"
#include "store/steps.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/job/plan.hpp"

namespace berth::worker {
namespace {

void add(const Job& job, Needs& needs) {
  if (job.kind == JobKind::undo || job.kind == JobKind::keep) {
    needs.servers.insert(job.server);
  } else if (job.kind == JobKind::build) {
    needs.generations.insert({job.application, job.build().database});
  } else if (job.kind == JobKind::spare) {
    const auto arguments = arguments_from<SpareArguments>(job.arguments);
    needs.generations.insert({job.application, arguments.generation});
  }
}

// Accepted, but perhaps not queued yet: its drop and receipt exist.
void add_accepted(const Receipt& receipt, Needs& needs) {
  if (!receipt.accepted) return;
  for (const json::value& effect : receipt.effects) {
    const json::value* job = if_contains(effect, "job");
    if (job && job->is_object()) add(job_from_json(*job), needs);
  }
}

void add_accepted(const Layout& layout, Needs& needs) {
  const Dir receipts(layout.receipts);
  for (const auto& path : {layout.drop, layout.drop_root}) {
    const Dir drops(path);
    DirWalk walk(drops);
    do {
      for (const std::string& name : walk.next(1000)) {
        const auto token = token_of_drop(name);
        if (!token) continue;
        try {
          if (const auto receipt = read_receipt(receipts, *token)) {
            add_accepted(*receipt, needs);
          }
        } catch (const NewerFormat&) {
          throw;
        } catch (const JsonError& e) {
          // berthd applies no part of it either.
          needs.unreadable.push_back("receipt " + *token + ": " + e.what());
        }
      }
    } while (!walk.ended());
  }
}

void add_active(const Queue& queue, Needs& needs, std::vector<BadJob>& bad) {
  for (const Job& job : queue.active(&bad)) {
    add(job, needs);
    needs.active.insert(job.id);
    if (job.kind == JobKind::refresh) needs.refreshing = true;
    if (job.kind != JobKind::build) continue;
    const StepsRead read = read_plan(read_steps(queue.active_dir(), job.id));
    if (!read.plan) {
      needs.choosing.insert(job.application);
    } else if (!read.plan->base.empty()) {
      needs.bases.insert(read.plan->base);
    }
  }
}

std::optional<std::set<std::string>> known_servers(const Config& config,
                                                   const State& state) {
  std::set<std::string> out;
  for (const auto& [name, unused] : config.hosts) {
    const auto host = read_host_state(state, name);
    // Never read, or not completely.
    if (!host || host->as_of == 0 || !host->problems.empty()) {
      return std::nullopt;
    }
    for (const DomainState& domain : host->domains) out.insert(domain.server);
  }
  return out;
}

}  // namespace

Needs read_needs(const Layout& layout) {
  Needs needs;
  add_accepted(layout, needs);
  const Queue queue(layout.queue, layout.active);
  // Twice, because a job that is requeued moves from active/ to queue/.
  for (int look = 0; look < 2; ++look) {
    std::vector<BadJob> bad;
    for (const Job& job : queue.waiting(&bad)) add(job, needs);
    add_active(queue, needs, bad);
    // berthd runs none of them, and what their workers made is not touched.
    for (const BadJob& one : bad) {
      if (one.number > 0) needs.active.insert(one.number);
      if (look == 1) needs.unreadable.push_back(one.text);
    }
  }
  return needs;
}

std::vector<InUse> databases_in_use(const Layout& layout,
                                    const std::string& cluster) {
  std::vector<InUse> out;
  if (!Dir(layout.lib).exists("history")) return out;
  const auto here = pinned_cluster(layout, cluster);
  const Dir history(layout.history);
  for (const std::string& server : list_histories(history)) {
    const auto carried = configuration_at(history, server);
    if (!carried || !carried->database) continue;
    const std::string& section = carried->database->cluster;
    if (section != cluster) {
      const auto there = pinned_cluster(layout, section);
      if (here && there && here->system != there->system) continue;
    }
    out.push_back({server, *carried->database});
  }
  return out;
}

const InUse* TidyFacts::user_of(const std::string& database,
                                std::int64_t oid) const {
  const auto found =
      std::find_if(in_use.begin(), in_use.end(), [&](const InUse& one) {
        return one.database.name == database && one.database.oid == oid &&
               (!servers || servers->contains(one.server));
      });
  return found == in_use.end() ? nullptr : &*found;
}

TidyFacts read_facts(const Config& config, const std::string& cluster) {
  const Layout layout(config.paths);
  TidyFacts out;
  out.now = wall_now();
  out.config = config;
  out.cluster = cluster;
  out.needs = read_needs(layout);
  out.servers = known_servers(config, State(layout.state));
  out.in_use = databases_in_use(layout, cluster);
  return out;
}

const ApplicationConfig* application_on(const Config& config,
                                        const std::string& cluster,
                                        const std::string& application) {
  const auto found = config.applications.find(application);
  return found != config.applications.end() &&
                 found->second.cluster == cluster
             ? &found->second
             : nullptr;
}

}  // namespace berth::worker
