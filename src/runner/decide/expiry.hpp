// SPDX-License-Identifier: GPL-2.0-or-later
// Decides when a hold expires. `until` is wall time, and wall time jumps: a
// hold that fell due only because the clock was set, or the machine slept or
// was off, gets ten minutes of grace, so that its holder can still extend it.
//
// A jump is: wall and boot clock drift apart by more than a minute between two
// calls of look() (the clock was set); boot and monotonic clock do so (the
// machine slept); or `until` is before this boot (the machine was off). The
// class is given the readings and reads no clock, so that a test can pass any.
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
  // Must be called every few seconds. Returns true if it detects a jump.
  bool look(const Readings& now);
  // The instant at which a hold with this `until` expires.
  Instant end_of(Instant until) const;
  bool due(Instant until) const { return end_of(until) <= last_.wall; }

 private:
  Readings last_;
  Instant booted_;           // wall time of this boot
  Instant grace_from_ = 0;   // a hold due in [from, to] ends at `ends`
  Instant grace_to_ = 0;
  Instant grace_ends_ = 0;
};

}  // namespace berth::runner
