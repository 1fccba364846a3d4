// SPDX-License-Identifier: GPL-2.0-or-later
// Getting rid of databases, in two acts: to_trash() renames and marks in one
// transaction, which can be undone and takes no time; drop_trash() is the one
// function that issues DROP DATABASE, and takes only what is trash by all of
//
//   the cluster     the pinned one, asked again just before
//   the name        that of our site's trash
//   the OID         the one in that name
//   the owner       our role: who owns a database writes its marker
//   the marker      kind trash, our site's whole uuid
//   the time        undo_until is over, by our clock and by the cluster's
//
// and is no template. There is no force: a database that
// somebody else made cannot meet this by accident, and what meets it was put
// there by to_trash() or by a swap.
#pragma once

#include <cstdint>
#include <string>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// What is thrown away decides what it must look like. An unmarked one never
// has a comment that a person wrote.
enum class Discard {
  copy,    // a spare or a copy by name, marked as such or not marked at all
  base,    // a base by name, ours by owner; unmarked only if not published
  orphan,  // for the job `drop`: a name of ours, or a live one of our site
};

// Refuses (Error) what is not as said above, and what has changed since
// `database` was read. Sessions are cut, but never those on an orphan. The lock
// on its name must be held by `cluster`. Returns the new name; its undo time is
// over at once.
std::string to_trash(Cluster& cluster, const Database& database,
                     std::int64_t job, Discard what = Discard::copy);

// Trash of which its owner could write the marker or open it - a Berth before
// this rule left it to the application's role - becomes Berth's own and takes
// no connections; those that are open are cut. It is kept `longest` seconds
// from now at most, by the later of the cluster's clock and ours: one that was
// set back shortens nothing.
// Under the lock on its name; refuses (Error) what is not as it was seen.
// Returns until when it is kept.
Instant seal_trash(Cluster& cluster, const Database& seen,
                   std::int64_t longest);

// Looks the database up again by itself and refuses (Error) unless everything
// above agrees. Cuts sessions only when they are in the way. Locks it. One
// that is gone already is no error.
void drop_trash(Cluster& cluster, const std::string& name);

}  // namespace berth::worker
