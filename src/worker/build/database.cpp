// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/build_steps.hpp"
#include "worker/cluster/claim.hpp"

namespace berth::worker {
namespace {

Database copy_for(const Context& context, const Plan& plan, Cluster& cluster,
                  Report& report, Deadline deadline) {
  const auto base = cluster.database(plan.base);
  if (!base || base->oid != plan.base_oid || !cluster.is_base(*base)) {
    throw Error("copy", plan.base,
                "the base was dropped or replaced after preflight");
  }
  CopyOrder order;
  order.base = *base;
  order.name = plan.copy;
  order.server = context.job.server;
  order.job = context.job.id;
  return copy_base(cluster, order, report, deadline);
}

}  // namespace

StepDone make_database(const Context& context, const Plan& plan,
                       Report& report) {
  Cluster cluster(*context.cluster, context.names, context.job.id,
                  context.link);
  cluster.require_system(plan.system);
  cluster.commit_without_waiting();
  const Deadline deadline = context.deadline("database");
  const auto spare = claim_spare(
      cluster,
      {context.application.name, plan.generation, plan.copy,
       context.job.server, context.job.id},
      report);
  const Database made =
      spare ? *spare : copy_for(context, plan, cluster, report, deadline);
  fit_out(context, plan, cluster, made, report, deadline);
  return {std::string(spare ? "a spare of " : "a copy of ") + plan.generation +
              ", " + std::to_string(made.size >> 20) + " MiB",
          json::object{{"oid", made.oid}}};
}

}  // namespace berth::worker
