// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/spare.hpp"

#include <algorithm>

#include "worker/cluster/claim.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/job/act.hpp"

namespace berth::worker {
namespace {

Database find_base(const Context& context, Cluster& cluster,
                   const std::string& generation) {
  const std::string name =
      cluster.names().base(context.application.name, generation);
  auto base = cluster.database(name);
  if (!base || !cluster.is_base(*base) || base->marker->state != "ready") {
    throw Error("copy", name, "this base no longer exists");
  }
  require_copyable(cluster, *base);
  return std::move(*base);
}

// Why no spare is needed; empty: one is.
std::string too_many(const Context& context, Cluster& cluster,
                     const std::string& generation) {
  const auto all = cluster.databases();
  const auto of_this =
      spares_of(all, cluster, context.application.name, generation);
  if (static_cast<int>(of_this.size()) >= context.application.spares) {
    return "it has " + std::to_string(of_this.size()) + " spares already";
  }
  const auto of_all = std::count_if(
      all.begin(), all.end(),
      [&](const Database& d) { return is_spare(cluster, d); });
  if (of_all >= context.cluster->spares) {
    return "cluster " + context.cluster->name + " has " +
           std::to_string(of_all) + " spares, and at most " +
           std::to_string(context.cluster->spares) + " are allowed";
  }
  return "";
}

// Discards the incomplete copy of an earlier attempt, or of this one.
void discard(const Context& context, Cluster& cluster,
             const std::string& name) {
  cluster.lock(name, Deadline::in_s(30));
  const auto found = cluster.database(name);
  if (found && !is_spare(cluster, *found)) {
    to_trash(cluster, *found, context.job.id);
  }
  cluster.unlock(name);
}

JobResult done(const Context& context, const std::string& detail,
               bool committed) {
  return {.outcome = Outcome::succeeded,
          .detail = context.application.name + ": " + detail,
          .committed = committed};
}

JobResult make(const Context& context, Journal& journal, Act& act,
               Cluster& cluster, const std::string& generation) {
  const std::string none = too_many(context, cluster, generation);
  if (!none.empty()) {
    journal.end("copy", "skipped", none);
    return done(context, "no spare was made: " + none, false);
  }
  // Its commits wait for the disk: no later swap does so, and a spare that is
  // reported must survive a crash of the server.
  CopyOrder order;
  order.base = find_base(context, cluster, generation);
  order.name = cluster.names().copy(context.application.name, generation,
                                    context.job.id);
  order.job = context.job.id;
  order.marking = &act.commit_in_flight;
  try {
    copy_base(cluster, order, journal, context.deadline("copy"));
  } catch (const Away&) {
    throw;  // left to the next worker, which checks the marker, or to tidy
  } catch (...) {
    context.link.shield();
    try {
      discard(context, cluster, order.name);
    } catch (const Error& e) {
      journal.log(std::string("tidy will remove it: ") + e.what());
    }
    throw;
  }
  context.link.shield();
  journal.end("copy", "done", order.name);
  return done(context, "a spare of " + generation, true);
}

}  // namespace

void spare_job(const Context& context, Journal& journal,
               const Attempt& attempt) {
  const auto arguments = arguments_from<SpareArguments>(context.job.arguments);
  run_act(context, journal, attempt.resumed, [&](Act& act) {
    act.commit_in_flight = act.resumed;
    journal.begin("copy");
    if (!context.cluster) {
      throw Error("make a spare for", context.application.name,
                  "it has no cluster in berth.conf");
    }
    Cluster cluster(*context.cluster, context.names, context.job.id,
                    context.link);
    require_pinned(cluster, context.config);
    // The copy of an earlier attempt is finished, or is discarded.
    cluster.end_earlier_sessions();
    const std::string name = cluster.names().copy(
        context.application.name, arguments.generation, context.job.id);
    if (const auto found = cluster.database(name)) {
      if (is_spare(cluster, *found)) {
        journal.end("copy", "done", name);
        return done(context, "a spare of " + arguments.generation, true);
      }
      discard(context, cluster, name);
    }
    if (context.job.cancel) throw Interrupted{Interrupted::Why::cancel};
    act.commit_in_flight = false;
    return make(context, journal, act, cluster, arguments.generation);
  });
}

}  // namespace berth::worker
