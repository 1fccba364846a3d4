// SPDX-License-Identifier: GPL-2.0-or-later
// What is left of the disk that a cluster's databases are on, in bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Of the disk under the cluster; known only when the cluster is on this machine
// and the role has pg_read_all_settings. PostgreSQL has no other answer.
std::optional<std::int64_t> free_bytes(Cluster& cluster);

}  // namespace berth::worker
