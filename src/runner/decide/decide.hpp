// SPDX-License-Identifier: GPL-2.0-or-later
// Decides a drop: from the world and the drop it makes a receipt, which holds
// the answer and every effect. It changes nothing and reads neither a clock nor
// the disk. `number` assigns a job number and is called at most once, only when
// the drop is accepted.
//
// Everything in a drop is hostile input: it is checked here although the web
// side has checked its syntax.
//
// Statuses: 200/201/202/204 accepted; 400 bad arguments; 403 not allowed; 404
// no such server, job or application; 409 conflict (extra names the holder,
// until when, and the free servers); 410 too late; 429 too many requests of one
// user (extra has the seconds to wait); 503 draining; 507 disk almost full.
#pragma once

#include <cstdint>
#include <functional>

#include "runner/world/world.hpp"
#include "store/drop.hpp"
#include "store/receipt.hpp"

namespace berth::runner {

using NextNumber = std::function<std::int64_t()>;

// True for an action that is accepted from root's folder only, because it
// destroys data for good or takes over what somebody else made.
bool is_roots(const std::string& action);

Receipt decide(const World& world, const Drop& drop, const NextNumber& number);

// A power, cancel or release that waited longer than this was meant for a state
// that no longer exists.
inline constexpr Instant kTooLate = 300;  // seconds

}  // namespace berth::runner
