// SPDX-License-Identifier: GPL-2.0-or-later
// Removes databases in two steps. to_trash() renames and marks a database in
// one transaction, which can be undone and takes no time. drop_trash() is the
// only function that runs DROP DATABASE, and only on a database that is trash
// by all of these:
//
//   the cluster     is the pinned one, checked right before
//   the name        is that of this site's trash
//   the OID         is the one in that name
//   the owner       is Berth's role, because an owner can write the marker
//   the marker      has the kind trash and this site's whole uuid
//   the time        undo_until is over by the clocks of console and cluster
//
// and that is not a template. There is no way to force it: a database that
// somebody else created cannot match all this by accident, and one that does
// was put there by to_trash() or by a swap.
#pragma once

#include <cstdint>
#include <string>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// What is discarded decides which conditions it must meet. A database without a
// marker must not have a comment that a person wrote.
enum class Discard {
  copy,    // a spare or a copy by name, with its marker or none
  base,    // a base by name, owned by Berth; without marker if not published
  orphan,  // for the job `drop`: a name of Berth's, or a live one of the site
};

// Throws Error if the database does not meet those conditions, or has changed
// since `database` was read. Ends the sessions on it, but never those on an
// orphan. `cluster` must hold the lock on its name. Returns the new name; its
// undo time is over at once.
std::string to_trash(Cluster& cluster, const Database& database,
                     std::int64_t job, Discard what = Discard::copy);

// Seals trash whose marker its owner could write, or which he could open: an
// earlier version left the trash to the application's role. It becomes Berth's
// own and accepts no connections; open sessions are ended. It is kept for at
// most `longest` seconds from now, by the later of the clocks of cluster and
// console, so that a clock that was set back shortens nothing. The lock on its
// name must be held. Throws Error if it has changed since it was seen. Returns
// until when it is kept.
Instant seal_trash(Cluster& cluster, const Database& seen,
                   std::int64_t longest);

// Reads the database again and throws Error unless all of the above holds.
// Takes its lock. Ends sessions only if they block the DROP. A database that no
// longer exists is not an error.
void drop_trash(Cluster& cluster, const std::string& name);

}  // namespace berth::worker
