// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a server's last switch can be undone, and until when: the same for
// a request, for a "keep" and for what readers are shown. Pure.
//
// There is an undo while what it goes back to is whole: a configuration of
// the same application before the last one, its slot, and, if the last one
// swapped databases, the former one among the trash for half a minute more.
// Tidy looks at the clock first and at queue/ and active/ afterwards, so it
// cannot drop what an accepted undo needs.
#pragma once

#include <optional>
#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

inline constexpr Instant kUndoNeeds = 30;  // seconds

struct UndoOffer {
  std::string refused;                 // why there is none; else empty
  const Configuration* newest = nullptr;
  const LastSwitch* last = nullptr;    // with `before`
  std::optional<Instant> until;        // nullopt: no end is known
  std::optional<Instant> keep_until;   // the most that "keep" may give
};
UndoOffer undo_of(const World& world, const std::string& server);
// Of the job that carries it out.
UndoArguments undo_arguments(const UndoOffer& offer);

// Why a cluster's word on a server's database and history differ, as after a
// restored backup; empty when they agree or nobody can tell now.
std::string database_conflict(const World& world, const std::string& server);

}  // namespace berth::runner
