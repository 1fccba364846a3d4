// SPDX-License-Identifier: GPL-2.0-or-later
// About how long a job takes, in milliseconds, from what the steps of such a
// job usually took.
#pragma once

#include <cstdint>
#include <optional>

#include "runner/world/world.hpp"

namespace berth::runner {

// How long a job of this kind usually takes, from the steps it will do.
std::optional<std::int64_t> usual_ms(const World& world, const Job& job);
// What of that is left; nullopt when nothing is known.
std::optional<std::int64_t> left_ms(const World& world, const LiveJob& live);

}  // namespace berth::runner
