// SPDX-License-Identifier: GPL-2.0-or-later
// state/clusters/CLUSTER.json as tidy writes it: what exists on the cluster
// now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/cluster_state.hpp"
#include "store/state.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Everything but orphans and problems, which are in the plan. Of live databases
// only those whose names berth.conf gives to what their markers say, because an
// owner can write a marker; of former ones only those that Berth owns.
ClusterState look_at(Cluster& cluster, const Config& config);

// The state published last; nullopt if there is none, or in an older format.
std::optional<ClusterState> published_state(const State& state,
                                            const std::string& cluster);
void publish_state(const State& state, const ClusterState& seen);
// Publishes that the cluster cannot be used, and why. What was known is kept,
// and the page shows its age. Returns true if this is news.
bool publish_away(const State& state, const std::string& cluster,
                  const std::string& reason);

}  // namespace berth::worker
