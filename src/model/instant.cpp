// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/instant.hpp"

namespace berth {

Instant read_instant(ObjectReader& in, std::string_view name) {
  const auto at = parse_rfc3339(in.string(name));
  if (!at) {
    throw JsonError("'" + std::string(name) +
                        "' is not an instant such as 2026-11-22T19:27:03Z",
                    std::string(name));
  }
  return *at;
}

std::optional<Instant> read_optional_instant(ObjectReader& in,
                                             std::string_view name) {
  if (!in.optional_value(name)) return std::nullopt;
  return read_instant(in, name);
}

json::value instant_or_null(const std::optional<Instant>& at) {
  return at ? json::value(rfc3339(*at)) : json::value(nullptr);
}

}  // namespace berth
