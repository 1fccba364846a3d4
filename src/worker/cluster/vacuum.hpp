// SPDX-License-Identifier: GPL-2.0-or-later
// Runs VACUUM (FREEZE) on a whole database that nobody uses yet, and then
// ANALYZE. Every copy then has statistics, and reading a copy writes nothing,
// so that clones remain shared on disk. They are two commands because VACUUM
// (ANALYZE) stores in an index's reltuples what VACUUM counted; after ANALYZE
// alone it shows whether the index has a new sample (planner_statistics.hpp).
#pragma once

#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

// Reports progress in bytes of tables, from pg_stat_progress_vacuum and the
// tables that are done. Throws Error; a failed run changed no data. ANALYZE
// runs functions that the owner wrote (of indexes, of statistics), so an error
// message may quote rows: it goes to `in_full`, and only its SQLSTATE into the
// Error.
void vacuum(Cluster& cluster, const std::string& database, Report& report,
            PrivateLog& in_full, Deadline deadline);

}  // namespace berth::worker
