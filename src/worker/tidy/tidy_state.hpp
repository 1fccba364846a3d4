// SPDX-License-Identifier: GPL-2.0-or-later
// state/clusters/CLUSTER.json as tidy writes it: what is on the cluster now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/cluster_state.hpp"
#include "store/state.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// All but orphans and problems, which a plan knows. Of live databases those
// whose name berth.conf gives to what their marker says, because an owner can
// write a marker; of former ones those that are Berth's own.
ClusterState look_at(Cluster& cluster, const Config& config);

// What was published last; nullopt when nothing was, or in an older format.
std::optional<ClusterState> published_state(const State& state,
                                            const std::string& cluster);
void publish_state(const State& state, const ClusterState& seen);
// The cluster cannot be worked on, for this reason. What was known stays
// known: the page says that it is old. True if that is news.
bool publish_away(const State& state, const std::string& cluster,
                  const std::string& reason);

}  // namespace berth::worker
