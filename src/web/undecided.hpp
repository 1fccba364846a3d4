// SPDX-License-Identifier: GPL-2.0-or-later
// Limits the requests of one user that berthd has not decided yet. The requests
// of all users are decided in one order, and writing one is faster than
// deciding it: without a limit, one user's script that never stops would delay
// everybody by minutes and fill the disk.
//
// drop/.undecided-UID-FINGERPRINT has the last tokens of a user, one line each:
// `TOKEN SECONDS`. It belongs to the web user, who cannot list drop/ but may
// look up a name in it. A request is undecided until its receipt exists; one
// whose drop is missing as well counts for as long as writing it may take.
// berthd never opens the file, and removes it with other old dot files.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/dir.hpp"

namespace berth::web {

inline constexpr std::size_t kMostUndecided = 20;

// Call it before the drop is written. Returns false if the user already has
// kMostUndecided undecided requests; otherwise notes the token. Waits at most a
// second for other processes that serve the same user.
bool note_undecided(const Dir& drops, const Dir& receipts,
                    const std::string& user, const std::string& token,
                    Instant now);

}  // namespace berth::web
