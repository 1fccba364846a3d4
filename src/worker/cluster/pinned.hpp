// SPDX-License-Identifier: GPL-2.0-or-later
// lib/clusters/CLUSTER: the PostgreSQL server that this console has worked on
// under that name, and the database its sessions take their advisory locks in,
// one line: "SYSTEM_IDENTIFIER DATABASE". PostgreSQL makes the identifier at
// initdb; it stays through restarts, new addresses and failovers, so another
// one means that conninfo leads elsewhere: to the production server by a slip,
// or to a new server that somebody made in the old one's place. Advisory locks
// are per database: two workers in different ones would not see each other, so
// a conninfo that was changed to name another database is refused as well,
// until somebody has seen to it that nobody works in the old one. Written at
// the first use, durably; only an admin removes it. A line of digits alone is
// of an earlier version, and gets its second word at the next use.
//
// A server copied with its data directory keeps its identifier: that is not
// noticed. Another console is another site, whose databases are not ours to
// touch with or without a lock.
#pragma once

#include <optional>
#include <string>

#include "store/layout.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Once per Cluster, before anything is changed on it. Throws Error when it is
// another server or database than the pinned one, and says which file to remove
// if that was meant. From then on the cluster knows what it must be:
// drop_trash() refuses one that was never asked, and asks again itself.
void require_pinned(Cluster& cluster, const Layout& layout);

struct Pinned {
  std::string system;    // digits
  std::string database;  // empty: not said yet
  bool operator==(const Pinned&) const = default;
};

// What is pinned; nullopt when nothing is yet. Throws Error for a file that is
// not as above.
std::optional<Pinned> pinned_cluster(const Layout& layout,
                                     const std::string& cluster);
// What there is now.
Pinned found_at(Cluster& cluster);
// Why `found` may not be worked on, and what to do; empty: it may.
std::string refuse_pinned(const Pinned& pinned, const Pinned& found,
                          const std::string& file);

}  // namespace berth::worker
