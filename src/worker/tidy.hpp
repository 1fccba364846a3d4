// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker tidy CLUSTER`: puts right what crashes left on a cluster, from
// names, markers and locks alone, and publishes state/clusters/CLUSTER.json.
// Started by berthd at start and every minute; can be run at any time, any
// number of times, also while jobs run: what belongs to a job whose file lies
// in active/ is that job's, and what an advisory lock is held on is somebody's.
//
//   seen                                            done
//   copy of ours, its job is over, or no marker     to the trash
//   trash past its undo time                        dropped
//   trash, invalid (an interrupted DROP)            dropped again
//   live, takes no connections, its job is over     takes them again
//   name of ours with another site's or no marker   told as a problem
//   base or copy with changed collations            told as a problem
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/cluster_state.hpp"
#include "store/state.hpp"
#include "worker/cluster.hpp"

namespace berth::worker {

// Whether a job of that number is still in active/: then hands off.
using IsActive = std::function<bool(std::int64_t job)>;

// Returns sentences about what it could not or may not put right.
std::vector<std::string> tidy(Cluster& cluster, const IsActive& is_active);

// Of the disk under the cluster; known only when the cluster is on this machine
// and the role has pg_read_all_settings. PostgreSQL has no other answer.
std::optional<std::int64_t> free_bytes(Cluster& cluster);
ClusterState look_at(Cluster& cluster);
void publish_cluster_state(Cluster& cluster, const State& state,
                           std::vector<std::string> problems);

// The chore; its exit code. A cluster that does not answer is published as
// such, and that is no failure.
int tidy_chore(const Config& config, const std::string& cluster);

}  // namespace berth::worker
