// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/drop.hpp"

#include <algorithm>

#include "worker/cluster/pinned.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/job/act.hpp"

namespace berth::worker {
namespace {

// The database that an earlier worker of this job has moved to the trash.
std::optional<std::string> in_trash(Cluster& cluster, std::int64_t job) {
  for (const Database& d : cluster.databases()) {
    if (cluster.is_marked(d, "trash") && d.marker->job == job &&
        cluster.names().trash_job(d.name) == job) {
      return d.name;
    }
  }
  return std::nullopt;
}

std::string discard(const Context& context, Cluster& cluster,
                    const std::string& name, Journal& journal, Act& act) {
  cluster.lock(name, Deadline::in_s(10));
  TidyFacts facts = read_facts(context.config, cluster.config().name);
  const auto all = cluster.databases();
  const Database d = require_orphan(
      all, plan_tidy(all, cluster.names(), cluster.role(), facts),
      cluster.names(), name);
  journal.log(name + ", OID " + std::to_string(d.oid) + ", owner " + d.owner +
              ", " + std::to_string(d.size >> 20) + " MiB");
  cluster.link().check();
  if (!cluster.link().ask("commit")) {
    throw Interrupted{Interrupted::Why::cancel};
  }
  cluster.link().shield();
  act.commit_in_flight = true;
  return to_trash(cluster, d, context.job.id, Discard::orphan);
}

}  // namespace

Database require_orphan(const std::vector<Database>& databases,
                        const TidyPlan& plan, const DatabaseNames& names,
                        const std::string& name) {
  const auto refuse = [&](const std::string& why) -> Database {
    throw Error("drop", "database " + name, why);
  };
  const auto found =
      std::find_if(databases.begin(), databases.end(),
                   [&](const Database& d) { return d.name == name; });
  if (found == databases.end()) return refuse("it does not exist");
  const bool orphan = std::any_of(
      plan.orphans.begin(), plan.orphans.end(),
      [&](const Orphan& o) { return o.kind != "directory" && o.name == name; });
  if (orphan) return *found;
  const auto& marker = found->marker;
  if (marker && marker->site != names.site()) {
    return refuse("it is marked by another console, site " + marker->site);
  }
  if (!marker) {
    return refuse(names.kind_of(name) != 0
                      ? "a job may be creating it; tidy removes it after that "
                        "job has ended"
                      : "it is not Berth's");
  }
  if (marker->kind == "live" && names.kind_of(name) == 0) {
    return refuse("it is the database of " + marker->application + " on " +
                  marker->server);
  }
  if (marker->kind == "trash" && marker->undo_until) {
    return refuse("it is kept for an undo until " +
                  rfc3339(*marker->undo_until) + " and then dropped");
  }
  return refuse("it is a " + marker->kind + " of " + marker->application +
                " in use; tidy retires it when it is no longer needed");
}

void drop_job(const Context& context, Journal& journal,
              const Attempt& attempt) {
  const auto arguments = arguments_from<DropArguments>(context.job.arguments);
  run_act(context, journal, attempt.resumed, [&](Act& act) {
    journal.begin("drop");
    act.commit_in_flight = act.resumed;
    Cluster cluster(*context.cluster, context.names, context.job.id,
                    context.link);
    require_pinned(cluster, context.config);
    cluster.end_earlier_sessions();
    // Only a later worker checks this: after a restored backup a new job can
    // have the number of an old one.
    std::optional<std::string> trash;
    if (act.resumed) trash = in_trash(cluster, context.job.id);
    act.commit_in_flight = trash.has_value();
    const bool gone =
        act.resumed && !trash && !cluster.database(arguments.database);
    if (!trash && !gone) {
      if (context.job.cancel) throw Interrupted{Interrupted::Why::cancel};
      trash = discard(context, cluster, arguments.database, journal, act);
    }
    context.link.shield();
    if (trash) drop_trash(cluster, *trash);
    const std::string detail = arguments.database +
                               " was dropped from cluster " +
                               cluster.config().name;
    journal.end("drop", "done", detail);
    return JobResult{.outcome = Outcome::succeeded, .detail = detail,
                     .committed = true};
  });
}

}  // namespace berth::worker
