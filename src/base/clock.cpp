// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clock.hpp"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace berth {
namespace {

std::int64_t read_ms(clockid_t which) {
  timespec ts{};
  ::clock_gettime(which, &ts);
  return static_cast<std::int64_t>(ts.tv_sec) * 1000 + ts.tv_nsec / 1000000;
}

std::string formatted(Instant at, const char* format) {
  const time_t seconds = std::clamp<Instant>(at, 0, kLastInstant);
  tm parts{};
  char text[32];
  ::gmtime_r(&seconds, &parts);
  const std::size_t n = ::strftime(text, sizeof text, format, &parts);
  return std::string(text, n);
}

// The digits at [from, from + count) of text as a number; -1 if one is not a
// digit.
int digits(std::string_view text, std::size_t from, std::size_t count) {
  int value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Refuses dates such as 31 February: the result of timegm must read the same.
std::optional<Instant> instant(int y, int mo, int d, int h, int mi, int s) {
  if (y < 1970 || mo < 1 || d < 1 || h < 0 || mi < 0 || s < 0) {
    return std::nullopt;
  }
  tm parts{};
  parts.tm_year = y - 1900;
  parts.tm_mon = mo - 1;
  parts.tm_mday = d;
  parts.tm_hour = h;
  parts.tm_min = mi;
  parts.tm_sec = s;
  const time_t at = ::timegm(&parts);
  if (parts.tm_year != y - 1900 || parts.tm_mon != mo - 1 ||
      parts.tm_mday != d || parts.tm_hour != h || parts.tm_min != mi ||
      parts.tm_sec != s) {
    return std::nullopt;
  }
  return at;
}

// An integer before a unit letter.
std::optional<std::int64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 12) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

Instant wall_now() { return wall_now_ms() / 1000; }
std::int64_t wall_now_ms() { return read_ms(CLOCK_REALTIME); }
std::int64_t monotonic_ms() { return read_ms(CLOCK_MONOTONIC); }
std::int64_t boot_ms() { return read_ms(CLOCK_BOOTTIME); }

std::string rfc3339(Instant at) { return formatted(at, "%Y-%m-%dT%H:%M:%SZ"); }

std::string rfc3339_ms(std::int64_t ms) {
  ms = std::clamp<std::int64_t>(ms, 0, kLastInstant * 1000);
  char tail[8];
  std::snprintf(tail, sizeof tail, ".%03dZ", static_cast<int>(ms % 1000));
  return formatted(ms / 1000, "%Y-%m-%dT%H:%M:%S") + tail;
}

std::optional<Instant> parse_rfc3339(std::string_view t) {
  if (t.size() == 24 && t[19] == '.' && digits(t, 20, 3) >= 0 &&
      t[23] == 'Z') {
    std::string seconds(t.substr(0, 19));
    seconds += 'Z';
    return parse_rfc3339(seconds);
  }
  if (t.size() != 20 || t[4] != '-' || t[7] != '-' || t[10] != 'T' ||
      t[13] != ':' || t[16] != ':' || t[19] != 'Z') {
    return std::nullopt;
  }
  return instant(digits(t, 0, 4), digits(t, 5, 2), digits(t, 8, 2),
                 digits(t, 11, 2), digits(t, 14, 2), digits(t, 17, 2));
}

std::string generation_name(Instant at) {
  return formatted(at, "%Y%m%d%H%M%S");
}

std::optional<Instant> parse_generation(std::string_view t) {
  if (t.size() != 14) return std::nullopt;
  return instant(digits(t, 0, 4), digits(t, 4, 2), digits(t, 6, 2),
                 digits(t, 8, 2), digits(t, 10, 2), digits(t, 12, 2));
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto value = number(text.substr(0, text.size() - 1));
  if (!value) return std::nullopt;
  switch (text.back()) {
    case 's': return *value;
    case 'm': return *value * 60;
    case 'h': return *value * 3600;
    case 'd': return *value * 86400;
    default: return std::nullopt;
  }
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int shift = 0;
  switch (text.back()) {
    case 'K': shift = 10; break;
    case 'M': shift = 20; break;
    case 'G': shift = 30; break;
    case 'T': shift = 40; break;
    default: return number(text);
  }
  const auto value = number(text.substr(0, text.size() - 1));
  if (!value || *value > (std::numeric_limits<std::int64_t>::max() >> shift)) {
    return std::nullopt;
  }
  return *value << shift;
}

}  // namespace berth
