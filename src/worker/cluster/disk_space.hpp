// SPDX-License-Identifier: GPL-2.0-or-later
// The free space on the disk of a cluster's databases, in bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// nullopt unless the cluster is on this machine and the role has
// pg_read_all_settings. PostgreSQL itself cannot report free space.
std::optional<std::int64_t> free_bytes(Cluster& cluster);

}  // namespace berth::worker
