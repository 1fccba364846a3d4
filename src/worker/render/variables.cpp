// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/render/variables.hpp"

#include "store/enrolment.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

Variables variables_for(const Context& context, const Plan& plan,
                        const std::string& database) {
  Facts facts;
  facts.server = context.job.server;
  facts.path = plan.path;
  facts.revision = plan.revision;
  facts.slot = plan.slot;
  facts.job = context.job.id;
  if (const auto account =
          guest_account_of(context.config, context.application.name)) {
    facts.guest_user = account->user;
    facts.guest_group = account->group;
  }
  facts.database = database;
  facts.generation = plan.generation;
  if (context.cluster) {
    const ClusterAddress address = address_of(*context.cluster);
    facts.cluster_host = address.host;
    facts.cluster_port = address.port;
  }
  return variables_of(context.application, facts, context.secrets);
}

}  // namespace berth::worker
