// SPDX-License-Identifier: GPL-2.0-or-later
// Getting rid of databases, in two acts: to_trash() renames and marks, which
// can be undone and takes no time; drop_trash() is the one function that
// issues DROP DATABASE, and takes only what is trash by all of: name of our
// site, the OID in that name, marker of kind trash, our site's uuid.
#pragma once

#include <cstdint>
#include <string>

#include "worker/cluster.hpp"

namespace berth::worker {

// For a copy that nobody needs. Refuses what is live or a base, what another
// site marked, and an unmarked database that does not have a copy's name of
// our own site. The lock on its name must be held by `cluster`. Returns the
// new name.
std::string to_trash(Cluster& cluster, const Database& database,
                     std::int64_t job);

// Looks the database up again by itself and refuses (Error) unless everything
// above agrees and its undo time is over. Cuts sessions only when they are in
// the way. Locks it.
void drop_trash(Cluster& cluster, const std::string& name);

}  // namespace berth::worker
