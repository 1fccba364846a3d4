// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers that Berth gives out - of jobs, attempts and lines - in documents: at
// most 15 digits and no sign, as in the names of files (number_in() of
// base/name.hpp). So the number after one that was read is always one more.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.hpp"

namespace berth {

bool is_number(std::int64_t number);
// Throw JsonError, which names the member.
std::int64_t read_number(ObjectReader& in, std::string_view name);
std::optional<std::int64_t> read_optional_number(ObjectReader& in,
                                                 std::string_view name);

}  // namespace berth
