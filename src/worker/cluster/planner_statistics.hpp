// SPDX-License-Identifier: GPL-2.0-or-later
// Makes sure that no planner statistics keep values from before a scrub. They
// are samples of the rows: the most common values of each column and of the
// elements of its arrays, and histogram bounds, also of ranges. The owner can
// read most of them in pg_stats. What that view leaves out, for example of
// ranges before PostgreSQL 17, he can read through the operators with which
// plans are made. So whatever a sample contains, it must be a new one.
//
// ANALYZE of the whole database after the scrub replaces the samples, except
// where it sees no row (of the table, of its children, or of those in a partial
// index), where a column's statistics target is 0, and for foreign tables:
// there it keeps what an ANALYZE before the scrub sampled, and so does
// TRUNCATE. Only a superuser can delete them. So none must be taken before the
// scrub:
//
//   keep_autovacuum_off() for the tables of a restore, before their rows are
//   loaded; autovacuum would sample them while the rest is restored
//   let_autovacuum() after ANALYZE restores the setting
//   require_no_old_statistics() right after vacuum() verifies it, also against
//   an ANALYZE in a script, by the row counts that the last ANALYZE stored
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "step/deadline.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/script.hpp"

namespace berth::worker {

// A table or materialized view whose autovacuum was turned off.
struct Quieted {
  std::string oid;
  std::optional<std::string> autovacuum_enabled;  // its setting; nullopt: none
};

std::vector<Quieted> keep_autovacuum_off(Cluster& cluster,
                                         const std::string& database,
                                         Deadline deadline);
// Tables that a script dropped, or enabled itself, are left alone.
void let_autovacuum(Cluster& cluster, const std::string& database,
                    const std::vector<Quieted>& tables, Deadline deadline);

// Throws Error with the names of the tables that keep old values, or of those
// whose statistics neither Berth's role, the owner nor the login role can see,
// because then nothing is verified.
void require_no_old_statistics(const ScriptTarget& target, Deadline deadline);

}  // namespace berth::worker
