// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/expiry.hpp"

#include <algorithm>
#include <cstdlib>

namespace berth::runner {

Readings read_clocks() {
  return Readings{wall_now(), boot_ms(), monotonic_ms()};
}

Expiry::Expiry(const Readings& first)
    : last_(first), booted_(first.wall - first.boot_ms / 1000) {}

bool Expiry::look(const Readings& now) {
  const std::int64_t booted = (now.boot_ms - last_.boot_ms) / 1000;
  const std::int64_t ran = (now.monotonic_ms - last_.monotonic_ms) / 1000;
  const std::int64_t drift = now.wall - last_.wall - booted;
  const bool set = std::abs(drift) > kLargestDrift;
  const bool slept = booted - ran > kLargestDrift;
  if (set || slept) {
    // What the wall clock would show without the jump.
    const Instant expected = last_.wall + ran;
    if (now.wall > expected) {
      // A second jump within the grace of the first also covers the first's
      // holds.
      const bool within = grace_ends_ > last_.wall;
      grace_from_ = within ? std::min(grace_from_, expected) : expected;
      grace_to_ = now.wall;
      grace_ends_ = now.wall + kGrace;
    }
    if (set) booted_ += drift;
  }
  last_ = now;
  return set || slept;
}

Instant Expiry::end_of(Instant until) const {
  Instant end = until;
  if (until < booted_) end = std::max<Instant>(end, booted_ + kGrace);
  if (until >= grace_from_ && until <= grace_to_) {
    end = std::max(end, grace_ends_);
  }
  return end;
}

}  // namespace berth::runner
