// SPDX-License-Identifier: GPL-2.0-or-later
// What PREPARE TRANSACTION leaves in a database. It survives every session,
// keeps its locks, and its rows appear when somebody runs COMMIT PREPARED, in a
// generation that was published long ago. SQL of a dump can do that, and so can
// a script. PostgreSQL refuses to copy, rename or drop a database that has one.
#pragma once

#include <string>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Throws Error(action, "database ...", ...) with each prepared transaction,
// logical slot and subscription: none of them ends with the last session.
void require_none_left(Cluster& cluster, const std::string& database,
                       const std::string& action);

// Rolls back those in a database that is about to be dropped, each as the role
// that prepared it, of which Berth's role must be a member. One that cannot be
// rolled back remains; Cluster::obstacles() names it.
void roll_back_prepared(Cluster& cluster, const std::string& database);

}  // namespace berth::worker
