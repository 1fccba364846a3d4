// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/build_steps.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/swap.hpp"

namespace berth::worker {
namespace {

Swap swap_of(const Context& context, const Plan& plan) {
  Swap order;
  order.live = plan.live;
  order.live_oid = plan.live_oid;
  order.copy = plan.copy;
  order.copy_oid = plan.copy_oid.value();
  order.copy_kind =
      context.names.kind_of(plan.copy) == 't' ? "trash" : "spare";
  order.owner = context.application.owner;
  order.application = context.application.name;
  order.server = context.job.server;
  order.job = context.job.id;
  order.undo = context.application.undo;
  return order;
}

}  // namespace

StepDone switch_over(const Context& context, const Plan& plan,
                     const GuestSwitch& on_guest, Guest& guest,
                     Report& report) {
  // Before the guest is changed: what can fail is done first.
  std::optional<Cluster> cluster;
  std::optional<Swapping> swapping;
  if (plan.swaps()) {
    cluster.emplace(*context.cluster, context.names, context.job.id,
                    context.link);
    require_pinned(*cluster, context.config);
    cluster->require_system(plan.system);
    swapping.emplace(*cluster, swap_of(context, plan), report);
  }
  json::object arguments = on_guest.arguments;
  arguments["application"] = context.application.name;
  const json::object reply = guest.call(on_guest.verb, arguments, report,
                                        context.deadline("switch"));
  if (const auto* changed = reply.if_contains("changed")) {
    report.log("changed on the guest: " + json::serialize(*changed));
  }
  if (!swapping) return {"slot " + plan.slot, nullptr};
  const std::int64_t begun = monotonic_ms();
  swapping->commit();
  report.log("database " + plan.live + " swapped in " +
             std::to_string(monotonic_ms() - begun) + " ms");
  return {"slot " + plan.slot + ", database " + plan.live, nullptr};
}

}  // namespace berth::worker
