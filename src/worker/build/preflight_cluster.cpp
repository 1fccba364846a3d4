// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "base/text.hpp"
#include "worker/build/preflight.hpp"
#include "worker/cluster/claim.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/swap.hpp"

namespace berth::worker {
namespace {

std::string generations(const std::vector<Database>& bases) {
  std::vector<std::string> out;
  for (const Database& d : bases) out.push_back(d.marker->generation);
  return join(out, ", ");
}

void find_base(const Context& context, Cluster& cluster, Plan& plan,
               Report& report) {
  const std::string& application = context.application.name;
  const auto all = cluster.databases(cluster.names().prefix());
  const auto bases = ready_bases(all, cluster, application);
  const std::string& wanted = context.arguments.database;
  const auto found =
      std::find_if(bases.begin(), bases.end(), [&](const Database& d) {
        return wanted == "newest" || d.marker->generation == wanted;
      });
  if (found == bases.end()) {
    throw Error("find base of", application,
                bases.empty() ? "cluster " + context.cluster->name +
                                    " has none; create one with berthctl "
                                    "refresh or publish"
                              : "it has no generation " + wanted +
                                    "; available: " + generations(bases));
  }
  plan.base = found->name;
  plan.base_oid = found->oid;
  plan.generation = found->marker->generation;
  plan.data_at = found->marker->data_at;
  plan.copy =
      cluster.names().copy(application, plan.generation, context.job.id);
  const auto spares = spares_of(all, cluster, application, plan.generation);
  report.log("base " + found->name + ", " +
             std::to_string(found->size >> 20) + " MiB, " +
             std::to_string(spares.size()) + " spares");
  if (!spares.empty()) return;
  require_copyable(cluster, *found);
  const auto ways =
      strategies({cluster.sql().version(), found->size, std::nullopt});
  require_room(cluster, *found, ways.front());
}

}  // namespace

void read_live(const Context& context, Cluster& cluster, Plan& plan,
               Report& report) {
  plan.live = context.application.database_on(context.job.server);
  const auto live = cluster.database(plan.live);
  if (!live) {
    if (plan.swaps()) return;
    // Otherwise the first command that uses the database would fail, with a
    // longer message and after the checkout.
    throw Error("build on", context.job.server,
                "there is no database " + plan.live + " on cluster " +
                    cluster.config().name +
                    " and this build does not create one; build with a "
                    "database (newest)");
  }
  if (!cluster.is_marked(*live, "live") ||
      live->marker->application != context.application.name ||
      live->marker->server != context.job.server) {
    // It may be the only copy of somebody's data.
    throw Error("replace", "database " + plan.live,
                "it is not marked as this console's for " +
                    context.application.name + " on " + context.job.server +
                    "; rename it, or have an admin adopt it");
  }
  if (!live->ours_to_alter) {
    throw Error("replace", "database " + plan.live,
                "it is owned by " + live->owner +
                    ", and Berth's role is not a member of that role");
  }
  plan.live_oid = live->oid;
  if (live->connection_limit == -2) {
    const std::string invalid =
        "database " + plan.live + " is invalid: a drop of it was interrupted";
    if (!plan.swaps()) {
      throw Error("build on", context.job.server,
                  invalid + "; build with a database (newest)");
    }
    report.log(invalid + "; an undo of this build cannot restore it");
  }
  if (!plan.swaps()) {
    plan.generation = live->marker->generation;
    plan.data_at = live->marker->data_at;
    return;
  }
  const auto stays =
      lasting(cluster.link(), [&] { return in_the_way(cluster, *live); });
  if (!stays.empty()) {
    throw Error("replace", "database " + live->name, sentence_of(stays));
  }
  for (const Session& session : cluster.sessions(plan.live)) {
    report.log("will be disconnected from " + plan.live + " at the switch: " +
               session.text);
  }
}

void read_cluster(const Context& context, Plan& plan, Report& report) {
  if (!context.cluster) {
    if (!context.wants_database()) return;
    throw Error("build on", context.job.server,
                "application " + context.application.name +
                    " has no database (berth.conf, cluster)");
  }
  Cluster cluster(*context.cluster, context.names, context.job.id,
                  context.link);
  plan.system = cluster.system_identifier();
  if (context.wants_database()) {
    require_pinned(cluster, context.config);
    find_base(context, cluster, plan, report);
  }
  read_live(context, cluster, plan, report);
}

}  // namespace berth::worker
