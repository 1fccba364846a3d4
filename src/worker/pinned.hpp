// SPDX-License-Identifier: GPL-2.0-or-later
// lib/clusters/CLUSTER: the system identifier of the PostgreSQL server that
// this console has worked on under that name, one line of digits. PostgreSQL
// makes it at initdb; it stays through restarts, new addresses and failovers,
// so another one means that conninfo leads elsewhere: to the production
// server by a slip, or to a new server that somebody made in the old one's
// place. Written at the first use, durably; only an admin removes it.
//
// A server copied with its data directory keeps its identifier: that is not
// noticed.
#pragma once

#include <optional>
#include <string>

#include "store/layout.hpp"
#include "worker/cluster.hpp"

namespace berth::worker {

// Once per Cluster, before anything is changed on it. Throws Error when it is
// another server than the pinned one, and says which file to remove if that
// was meant. From then on the cluster knows what it must be: drop_trash()
// refuses one that was never asked, and asks again itself.
void require_pinned(Cluster& cluster, const Layout& layout);

// What is pinned; nullopt when nothing is yet.
std::optional<std::string> pinned_system(const Layout& layout,
                                         const std::string& cluster);

}  // namespace berth::worker
