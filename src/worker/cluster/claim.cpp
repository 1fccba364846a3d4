// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/claim.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "worker/cluster/cutter.hpp"
#include "worker/cluster/materialized_view.hpp"
#include "worker/cluster/properties.hpp"
#include "worker/cluster/role_watch.hpp"
#include "worker/cluster/script_session.hpp"
#include "worker/cluster/transaction.hpp"

namespace berth::worker {
namespace {

// Claims in one transaction; false if the database is no longer the spare seen.
bool take(Cluster& cluster, const Database& seen, const ClaimOrder& order) {
  Connection& sql = cluster.sql();
  return in_transaction(sql, [&] {
    sql.run("SET LOCAL lock_timeout = '3s'");
    if (seen.name != order.name) {
      run_cutting(cluster, seen.oid,
                  "ALTER DATABASE " + cluster.quoted(seen.name) +
                      " RENAME TO " + cluster.quoted(order.name));
    }
    // Checked under the rename's lock: it must be unchanged but for its name.
    auto now = cluster.database(order.name);
    if (now) now->name = seen.name;
    if (!now || now->oid != seen.oid || !is_spare(cluster, *now)) return false;
    DatabaseMarker marker = *now->marker;
    marker.state = "claimed";
    marker.server = order.server;
    marker.job = order.job;
    cluster.comment(order.name, marker);
    return true;
  });
}

// Runs the scripts while nobody but the role that runs them may connect.
void run_alone(const std::vector<Script>& scripts, const ScriptTarget& target,
               const Context& context, Report& report, Deadline deadline) {
  Cluster& cluster = target.cluster;
  require_no_settings(cluster, target.user, "claim");
  Connection& sql = cluster.sql();
  const std::string on = "CONNECT ON DATABASE " +
                         cluster.quoted(target.database);
  const std::string owner = cluster.quoted(target.role);
  const std::string user =
      target.user.empty() ? "" : cluster.quoted(target.user);
  sql.run("GRANT " + on + " TO CURRENT_USER");
  sql.run("REVOKE ALL ON DATABASE " + cluster.quoted(target.database) +
          " FROM PUBLIC");
  sql.run("REVOKE " + on + " FROM " + owner);
  if (!user.empty()) sql.run("GRANT " + on + " TO " + user);
  cluster.allow_connections(target.database, true);
  PrivateLog in_full(context.layout.log, context.job.id);
  const std::int64_t begun = monotonic_ms();
  // The dump's author controls what the copy contains.
  const RoleWatch roles(cluster, "", login_of(target), target.database);
  ScriptTarget watched = target;
  watched.roles = &roles;
  run_scripts(scripts, watched, report, in_full, deadline);
  // Materialized views still contain the rows from before the scripts.
  const auto views =
      fill_materialized_views(target, {}, report, in_full, deadline);
  roles.require_unchanged("claim");
  report.log(std::to_string(scripts.size()) + " scripts" +
             (views > 0 ? " and " + std::to_string(views) +
                              " materialized views"
                        : "") +
             " in " +
             std::to_string(monotonic_ms() - begun) + " ms");
  // This must not be lost if the server crashes: it ends the REVOKEs above.
  sql.run("SET synchronous_commit = on");
  if (!user.empty()) sql.run("REVOKE " + on + " FROM " + user);
  sql.run("GRANT " + on + " TO " + owner);
}

}  // namespace

bool is_spare(const Cluster& cluster, const Database& d) {
  return is_waiting(d, cluster.names(), cluster.role());
}

std::vector<Database> spares_of(const std::vector<Database>& all,
                                const Cluster& cluster,
                                const std::string& application,
                                const std::string& generation) {
  std::vector<Database> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const Database& d) {
                 return is_spare(cluster, d) && !d.collation_differs &&
                        d.marker->application == application &&
                        d.marker->generation == generation;
               });
  return out;
}

std::optional<Database> claim_spare(Cluster& cluster, const ClaimOrder& order,
                                    Report& report) {
  cluster.lock(order.name, Deadline::in_s(10));
  for (const Database& seen :
       spares_of(cluster.databases(cluster.names().prefix() + "s_"), cluster,
                 order.application, order.generation)) {
    // Another build, or tidy, holds it: there may be a second one.
    if (seen.name != order.name && !cluster.try_lock(seen.name)) continue;
    bool taken = false;
    try {
      taken = take(cluster, seen, order);
    } catch (const SqlError& e) {
      report.log("spare " + seen.name + " cannot be claimed: " + e.what());
    }
    if (seen.name != order.name) cluster.unlock(seen.name);
    if (!taken) continue;
    report.log("claimed spare " + seen.name + " as " + order.name);
    auto now = cluster.database(order.name);
    if (now && now->oid == seen.oid) return now;
  }
  return std::nullopt;
}

void fit_out(const Context& context, const Plan& plan, Cluster& cluster,
             const Database& copy, Report& report, Deadline deadline) {
  const auto scripts =
      read_scripts(context.config.folder, "claim", context.application.name);
  // The role that runs the scripts owns the database meanwhile: otherwise it
  // may not even create a table in the schema public.
  cluster.sql().run("ALTER DATABASE " + cluster.quoted(copy.name) +
                    " OWNER TO " + cluster.quoted(context.application.owner));
  if (!scripts.empty()) {
    run_alone(scripts,
              {cluster, copy.name, context.application.restore_user,
               context.application.owner,
               script_settings(context.application,
                               {context.job.server, plan.generation,
                                context.job.id}),
               "database"},
              context, report, deadline);
  }
  const auto live = cluster.database(plan.live);
  for (const auto& problem : take_over_properties(cluster, live, copy)) {
    report.log("not copied from " + plan.live + ": " + problem);
  }
  cluster.allow_connections(copy.name, true);
}

}  // namespace berth::worker
