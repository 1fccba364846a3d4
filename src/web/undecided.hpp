// SPDX-License-Identifier: GPL-2.0-or-later
// How many requests of one user berthd has still to decide. All users' requests
// are decided in one order, and writing one is faster than deciding it: without
// a bound, one user's script that asks all the time keeps everybody waiting for
// minutes and fills the disk.
//
// drop/.undecided-UID-FINGERPRINT has the last tokens of a user, one line each:
// `TOKEN SECONDS`. It belongs to the web user, who may not list drop/ but may
// look for a name there. A request is undecided until its receipt is there; one
// whose drop is not there either is, for as long as it may take to write it.
// berthd never opens the file and removes it with other old dot files.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/dir.hpp"

namespace berth::web {

inline constexpr std::size_t kMostUndecided = 20;

// Before the drop is written. False when the user has kMostUndecided already;
// else the token is noted. Waits for other processes of the same user, a second
// at most.
bool note_undecided(const Dir& drops, const Dir& receipts,
                    const std::string& user, const std::string& token,
                    Instant now);

}  // namespace berth::web
