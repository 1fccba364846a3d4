// SPDX-License-Identifier: GPL-2.0-or-later
// When a hold has run out. `until` is wall time, and wall time jumps: a hold
// that fell due only because the clock was set, the machine slept or was down
// gets ten minutes of grace, so that its holder can still extend it.
//
// What counts as a jump: wall and boot clock drifting apart by more than a
// minute between two looks (the clock was set), boot and monotonic clock doing
// so (the machine slept), or a `until` before this boot (it was down). Given
// clock readings, never reading clocks: a test hands it any.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace berth::runner {

inline constexpr std::int64_t kGrace = 600;       // seconds
inline constexpr std::int64_t kLargestDrift = 60; // seconds

struct Readings {
  Instant wall = 0;
  std::int64_t boot_ms = 0;
  std::int64_t monotonic_ms = 0;
};
Readings read_clocks();

class Expiry {
 public:
  explicit Expiry(const Readings& first);
  // To be called at least every few seconds. True when it saw a jump.
  bool look(const Readings& now);
  // The instant at which a hold with this `until` ends.
  Instant end_of(Instant until) const;
  bool due(Instant until) const { return end_of(until) <= last_.wall; }

 private:
  Readings last_;
  Instant booted_;           // wall time of this boot
  Instant grace_from_ = 0;   // holds due in [from, to] end at `ends`
  Instant grace_to_ = 0;
  Instant grace_ends_ = 0;
};

}  // namespace berth::runner
