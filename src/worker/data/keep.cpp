// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/keep.hpp"

#include <algorithm>

#include "worker/cluster/pinned.hpp"
#include "worker/cluster/undo_database.hpp"
#include "worker/job/act.hpp"

namespace berth::worker {
namespace {

// The live database's marker names the job of the last swap.
FormerOf last_swap(const Context& context, Cluster& cluster) {
  const std::string& server = context.job.server;
  const std::string& application = context.application.name;
  const auto live = cluster.database(context.application.database_on(server));
  if (!live || !cluster.is_marked(*live, "live") ||
      live->marker->server != server ||
      live->marker->application != application) {
    throw Error("keep the former database of", server,
                "it has no database of " + application);
  }
  return {application, server, live->marker->job};
}

std::string keep(const Context& context, bool resumed, double hours) {
  if (!context.cluster) {
    throw Error("keep the former database of", context.job.server,
                context.application.name + " has no cluster in berth.conf");
  }
  Cluster cluster(*context.cluster, context.names, context.job.id,
                  context.link);
  require_pinned(cluster, context.config);
  // An earlier worker of this job may still hold the lock.
  if (resumed) cluster.end_earlier_sessions();
  const FormerOf of = last_swap(context, cluster);
  context.link.check();
  context.link.shield();
  const Instant now = wall_now();
  const Instant until =
      keep_former(cluster, of, now + static_cast<std::int64_t>(hours * 3600),
                  now + context.application.longest_undo);
  return "the database before " + job_text(of.job) +
         " is kept until " + rfc3339(until);
}

}  // namespace

void keep_job(const Context& context, Journal& journal,
              const Attempt& attempt) {
  run_act(context, journal, attempt.resumed, [&](Act&) {
    journal.begin("keep");
    // A restarted worker is not notified of an earlier cancel.
    if (attempt.resumed && context.job.cancel) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    const auto arguments = arguments_from<KeepArguments>(context.job.arguments);
    const std::string detail = keep(context, attempt.resumed, arguments.hours);
    journal.end("keep", "done", detail);
    return JobResult{.outcome = Outcome::succeeded, .detail = detail,
                     .committed = true};
  });
}

}  // namespace berth::worker
