// SPDX-License-Identifier: GPL-2.0-or-later
// Decides whether a server's last switch can be undone, and until when: the
// same for an undo, for a keep and for what the API shows. Pure functions of
// the world.
//
// An undo is possible while everything it restores exists: a previous
// configuration of the same application, its slot and, if the switch swapped
// databases, the former database, which must remain for half a minute more.
// Tidy reads the clock before it reads queue/ and active/, so it cannot drop a
// database that an accepted undo needs.
#pragma once

#include <optional>
#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

inline constexpr Instant kUndoNeeds = 30;  // seconds

struct UndoOffer {
  std::string refused;                 // why it is not possible; else empty
  const Configuration* newest = nullptr;
  const LastSwitch* last = nullptr;    // with `before`
  std::optional<Instant> until;        // nullopt: no end is known
  std::optional<Instant> keep_until;   // the latest end that "keep" may set
};
UndoOffer undo_of(const World& world, const std::string& server);
// The arguments of the undo job.
UndoArguments undo_arguments(const UndoOffer& offer);

// How a cluster and the history differ about a server's database, as after a
// restored backup; empty if they agree, or if it cannot be known now.
std::string database_conflict(const World& world, const std::string& server);

}  // namespace berth::runner
