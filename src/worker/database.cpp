// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build_steps.hpp"
#include "worker/copy.hpp"

namespace berth::worker {

StepDone make_database(const Context& context, const Plan& plan,
                       Report& report) {
  Cluster cluster(*context.cluster, context.names, context.job.id,
                  context.link);
  cluster.require_system(plan.system);
  const auto base = cluster.database(plan.base);
  if (!base || base->oid != plan.base_oid || !cluster.is_base(*base)) {
    throw Error("copy", plan.base, "the base is gone since preflight");
  }
  CopyOrder order;
  order.base = *base;
  order.name = plan.copy;
  order.owner = context.application.owner;
  order.server = context.job.server;
  order.job = context.job.id;
  const Database made =
      copy_base(cluster, order, report, context.deadline("database"));
  return {std::to_string(base->size >> 20) + " MiB of " + plan.generation,
          json::object{{"oid", made.oid}}};
}

}  // namespace berth::worker
