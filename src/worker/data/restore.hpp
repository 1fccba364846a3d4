// SPDX-License-Identifier: GPL-2.0-or-later
// Runs pg_restore for one dump into one loading generation: in parallel if the
// format allows it, everything as the owner of the data, without the
// privileges, tablespaces, publications and subscriptions of the system it
// comes from (a subscription would connect to it). The first error ends it.
//
// It runs in two parts: what precedes the rows, then the rows and what follows
// them. These are left out: the rows of tables that match `skip_data` and of
// their partitions; the rows of materialized views, which are filled after the
// scrub (materialized_view.hpp); the planner's statistics, which are samples of
// rows that are not scrubbed; and objects that every new database has and that
// only a superuser can create or comment: schema public, plpgsql.
//
// All output of pg_restore but its progress (restore_gauge.hpp) may quote rows
// and goes to the private log; the error for people names the item at which it
// stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/config.hpp"
#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/data/dump.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

struct RestoreOrder {
  const Dump& dump;
  const ApplicationConfig& application;
  std::string database;
  std::string cache;  // the folder
  // Called when the tables exist and have no rows yet.
  std::function<void()> before_rows = {};
};

// Throws Error, with the item; Interrupted after pg_restore has been killed.
void restore_dump(Cluster& cluster, const RestoreOrder& order, Report& report,
                  PrivateLog& in_full, Deadline deadline);

// The items of the dump to restore, in its order. A glob of `skip_data` is
// compared with SCHEMA.NAME, both without quotes; if it matches a partitioned
// table, the rows of all its partitions are left out. Throws Error for globs
// that match no table or materialized view of the dump, with their names.
std::vector<DumpItem> chosen_items(const std::vector<DumpItem>& all,
                                   const std::vector<std::string>& skip_data);

// Schema and name of each materialized view that had rows when the dump was
// made, except those that match `skip_data`.
std::vector<std::pair<std::string, std::string>> filled_views(
    const std::vector<DumpItem>& all,
    const std::vector<std::string>& skip_data);

}  // namespace berth::worker
