// SPDX-License-Identifier: GPL-2.0-or-later
// What PREPARE TRANSACTION leaves in a database: it ends with no session, keeps
// its locks, and its rows appear when somebody says COMMIT PREPARED, on a
// generation that was published long ago. SQL of a dump can say it, and so can
// a script. A copy of a database with one is refused by PostgreSQL; so is its
// rename, and its DROP.
#pragma once

#include <string>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Throws Error(action, "database ...", ...) with each prepared transaction,
// logical slot and subscription: none of them goes with the last session.
void require_none_left(Cluster& cluster, const std::string& database,
                       const std::string& action);

// Ends them in a database that is to be dropped, each as the role that prepared
// it, whose member we are. One that cannot be ended stays; Cluster::obstacles()
// names it.
void roll_back_prepared(Cluster& cluster, const std::string& database);

}  // namespace berth::worker
