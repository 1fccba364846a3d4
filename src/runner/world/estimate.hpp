// SPDX-License-Identifier: GPL-2.0-or-later
// Estimates of a job's duration in milliseconds, from the usual durations of
// its steps (usual.hpp).
#pragma once

#include <cstdint>
#include <optional>

#include "runner/world/world.hpp"

namespace berth::runner {

// The expected duration of a job of this kind, from the steps it will run.
std::optional<std::int64_t> usual_ms(const World& world, const Job& job);
// The expected rest of it; nullopt when no duration is known.
std::optional<std::int64_t> left_ms(const World& world, const LiveJob& live);

}  // namespace berth::runner
