// SPDX-License-Identifier: GPL-2.0-or-later
// The decision on one drop: what berthd knows and what was asked for give a
// receipt, which holds the answer and the whole effect. Changes nothing and
// reads no clock and no disk; `number` gives out a job number and is called
// once at most, only when the drop is accepted.
//
// Everything in a drop is hostile: the web side checked it already, and it is
// checked again here.
//
// Statuses: 200/201/202/204 accepted; 400 bad arguments; 403 not allowed; 404
// no such server, job or application; 409 in the way (extra says who, until
// when and what is free); 410 too late; 429 too much of one user's (extra says
// after how many seconds to ask again); 503 draining; 507 disk floor.
#pragma once

#include <cstdint>
#include <functional>

#include "runner/world/world.hpp"
#include "store/drop.hpp"
#include "store/receipt.hpp"

namespace berth::runner {

using NextNumber = std::function<std::int64_t()>;

// Accepted from root's folder only: what destroys for good, or takes over what
// somebody else made.
bool is_roots(const std::string& action);

Receipt decide(const World& world, const Drop& drop, const NextNumber& number);

// A power, cancel or release that waited longer than this was meant for a
// state that is gone.
inline constexpr Instant kTooLate = 300;  // seconds

}  // namespace berth::runner
