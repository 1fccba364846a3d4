// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build_steps.hpp"
#include "worker/swap.hpp"

namespace berth::worker {

StepDone switch_over(const Context& context, const Plan& plan, Guest& guest,
                     Report& report) {
  // Connected before the guest is touched: what can fail fails first.
  std::optional<Cluster> cluster;
  if (context.wants_database()) {
    cluster.emplace(*context.cluster, context.names, context.job.id,
                    context.link);
    cluster->require_system(plan.system);
  }
  const json::object reply = guest.call(
      "switch",
      {{"application", context.application.name},
       {"slot", context.wants_checkout() ? json::value(plan.slot)
                                         : json::value(nullptr)}},
      report, context.deadline("switch"));
  if (const auto* changed = reply.if_contains("changed")) {
    report.log("changed on the guest: " + json::serialize(*changed));
  }
  if (!cluster) return {"slot " + plan.slot, nullptr};
  Swap order;
  order.live = plan.live;
  order.live_oid = plan.live_oid;
  order.copy = plan.copy;
  order.copy_oid = plan.copy_oid.value();
  order.owner = context.application.owner;
  order.application = context.application.name;
  order.server = context.job.server;
  order.job = context.job.id;
  order.undo = context.application.undo;
  const std::int64_t begun = monotonic_ms();
  swap(*cluster, order, report);
  report.log("database " + plan.live + " swapped in " +
             std::to_string(monotonic_ms() - begun) + " ms");
  return {"slot " + plan.slot + ", database " + plan.live, nullptr};
}

}  // namespace berth::worker
