// SPDX-License-Identifier: GPL-2.0-or-later
// The part of preflight that asks the cluster: it selects the generation and
// checks whether anything on the cluster would make the later steps fail. A
// problem that an admin has to fix is refused here, before anything is created:
// a live database that is not marked as this console's, sessions on it that
// Berth must not end (checked for some seconds, because a monitor's end by
// then), prepared transactions, replication; and, if there is no spare, a base
// that cannot be copied or a disk without space for the copy.
#pragma once

#include "worker/build/build_steps.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// The checks of a build's preflight that need no guest; the plan they make is
// discarded.
void preflight_without_guest(const Context& context, Report& report);

// Completes the plan.
void read_cluster(const Context& context, Plan& plan, Report& report);

// The part of it, and of an undo's preflight, that concerns the live database:
// its name, its OID if it exists and, if the plan does not swap it, its
// generation.
void read_live(const Context& context, Cluster& cluster, Plan& plan,
               Report& report);

}  // namespace berth::worker
