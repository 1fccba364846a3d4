// SPDX-License-Identifier: GPL-2.0-or-later
// Three clocks with one use each: the wall clock is shown, the monotonic clock
// measures durations, the boot clock reveals that the machine slept. Instants
// are UTC seconds since 1970; their text is RFC 3339 with a Z.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

// Seconds since 1970, UTC. It reckons as the number that it is, and is a type
// so that in a document it is known from a number: there it is a text.
class Instant {
 public:
  constexpr Instant(std::int64_t seconds = 0) : seconds_(seconds) {}
  constexpr operator std::int64_t() const { return seconds_; }
  constexpr Instant& operator+=(std::int64_t seconds) {
    seconds_ += seconds;
    return *this;
  }
  constexpr Instant& operator-=(std::int64_t seconds) {
    seconds_ -= seconds;
    return *this;
  }

 private:
  std::int64_t seconds_;
};

Instant wall_now();
std::int64_t wall_now_ms();
std::int64_t monotonic_ms();
std::int64_t boot_ms();  // continues while the machine sleeps

// The last instant that can be written: 9999-12-31T23:59:59Z. The first is 0.
inline constexpr Instant kLastInstant = 253402300799;

// An instant out of that range is written as the nearer bound, so that every
// written instant can be read.
std::string rfc3339(Instant at);          // 2026-11-22T19:27:03Z
std::string rfc3339_ms(std::int64_t ms);  // 2026-11-22T19:27:03.125Z
// Accepts only the forms written above; nullopt for anything else.
std::optional<Instant> parse_rfc3339(std::string_view text);

// A generation's name: yyyymmddhhmmss in UTC.
std::string generation_name(Instant at);
std::optional<Instant> parse_generation(std::string_view name);

// "8h", "5d", "10m", "90s" to seconds; nullopt for anything else.
std::optional<std::int64_t> parse_duration(std::string_view text);
// "20G", "512M", "64K", "100" to bytes (powers of 1024).
std::optional<std::int64_t> parse_size(std::string_view text);

}  // namespace berth
