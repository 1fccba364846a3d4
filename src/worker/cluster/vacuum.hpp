// SPDX-License-Identifier: GPL-2.0-or-later
// VACUUM (FREEZE) of a whole database that nobody uses yet, and then ANALYZE,
// over a connection into it: every copy has its statistics then, and reading a
// copy writes nothing, so that clones stay shared on disk. Two commands: VACUUM
// (ANALYZE) leaves in an index's reltuples what VACUUM counted; after ANALYZE
// alone it says whether the index has a new sample (planner_statistics.hpp).
#pragma once

#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

// Progress in bytes of tables, from pg_stat_progress_vacuum and what is done.
// Throws Error; one that fails changed no data. ANALYZE runs functions that the
// owner wrote (of indexes, of statistics), so that an error's words may quote
// rows: they go to `in_full`, and only their SQLSTATE into the Error.
void vacuum(Cluster& cluster, const std::string& database, Report& report,
            PrivateLog& in_full, Deadline deadline);

}  // namespace berth::worker
