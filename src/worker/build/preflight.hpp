// SPDX-License-Identifier: GPL-2.0-or-later
// The part of preflight that asks the cluster: which generation, and whether
// something there would keep the later steps from doing their work. What an
// admin has to put right is refused here, before anything is made: a live
// database that is not marked as ours, sessions on it that may not be ended
// (after some seconds: a monitor's are gone by then), prepared transactions,
// replication; and, where no spare waits, a base that cannot be copied or a
// disk without room for it.
#pragma once

#include "worker/build/build_steps.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Of a build's preflight what needs no guest; nothing of it is kept.
void preflight_without_guest(const Context& context, Report& report);

// Completes the plan.
void read_cluster(const Context& context, Plan& plan, Report& report);

// Of it, and of an undo's preflight, what concerns the live database: its name,
// its OID if there is one, and, when the plan is not to swap it, its data.
void read_live(const Context& context, Cluster& cluster, Plan& plan,
               Report& report);

}  // namespace berth::worker
