// SPDX-License-Identifier: GPL-2.0-or-later
// Instants in documents: RFC 3339 text, told by name when they are not.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace berth {

Instant read_instant(ObjectReader& in, std::string_view name);
std::optional<Instant> read_optional_instant(ObjectReader& in,
                                             std::string_view name);
json::value instant_or_null(const std::optional<Instant>& at);

}  // namespace berth
