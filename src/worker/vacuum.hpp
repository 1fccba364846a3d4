// SPDX-License-Identifier: GPL-2.0-or-later
// VACUUM (FREEZE, ANALYZE) of a whole database that nobody uses yet, over a
// connection into it: then every copy has its statistics, and reading a copy
// writes nothing, so that clones stay shared on disk.
#pragma once

#include <string>

#include "worker/cluster.hpp"
#include "worker/report.hpp"

namespace berth::worker {

// Progress in bytes of tables, from pg_stat_progress_vacuum and what is done.
// Throws Error; one that fails changed no data.
void vacuum(Cluster& cluster, const std::string& database, Report& report,
            Deadline deadline);

}  // namespace berth::worker
