// SPDX-License-Identifier: GPL-2.0-or-later
// The planner's statistics are samples of the rows: the most common values of
// each column and elements of its arrays, bounds of its histograms, those of
// ranges, too. The owner reads most of them in pg_stats, and what that view
// leaves out, of ranges before PostgreSQL 17 for example, by the operators that
// plans are made with. So whatever is in a sample, it must be a new one.
// ANALYZE of the whole database after the scrub replaces them, except where it
// meets no row (of the table, of its children, or of those in a partial index),
// where a column's statistics target is 0, and of foreign tables: there it
// leaves what an ANALYZE before the scrub sampled, and TRUNCATE leaves it too.
// Only a superuser can delete them. So none must be taken before the scrub:
//
//   keep_autovacuum_off() for the tables of a restore, before their rows come;
//     autovacuum would sample them while the rest is restored
//   let_autovacuum() after ANALYZE, as it was
//   require_no_old_statistics() right after vacuum() proves it, also against a
//     script's ANALYZE, by the counts of rows that the last ANALYZE wrote
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "step/deadline.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/script.hpp"

namespace berth::worker {

// Tables and materialized views whose autovacuum was turned off.
struct Quieted {
  std::string oid;
  std::optional<std::string> autovacuum_enabled;  // as it was set; nullopt: not
};

std::vector<Quieted> keep_autovacuum_off(Cluster& cluster,
                                         const std::string& database,
                                         Deadline deadline);
// Those that a script dropped, or turned on itself, are left alone.
void let_autovacuum(Cluster& cluster, const std::string& database,
                    const std::vector<Quieted>& tables, Deadline deadline);

// Throws Error with the tables' names: of those that keep old values, or of
// those whose statistics neither we, the owner nor who logs in can see, which
// proves nothing.
void require_no_old_statistics(const ScriptTarget& target, Deadline deadline);

}  // namespace berth::worker
