// SPDX-License-Identifier: GPL-2.0-or-later
// A point in time on the monotonic clock by which something must have ended.
// Every function that waits for something outside this process takes one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"

namespace berth {

class Deadline {
 public:
  static Deadline in_ms(std::int64_t ms) { return Deadline(ms); }
  static Deadline in_s(std::int64_t s) { return Deadline(s * 1000); }

  std::int64_t left_ms() const {
    return std::max<std::int64_t>(0, end_ - monotonic_ms());
  }
  bool passed() const { return left_ms() == 0; }

 private:
  explicit Deadline(std::int64_t ms) : end_(monotonic_ms() + ms) {}
  std::int64_t end_;
};

}  // namespace berth
