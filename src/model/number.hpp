// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers that Berth assigns - of jobs, attempts and lines - in JSON documents:
// at most 15 digits and no sign, as in names of files (number_in() of
// base/name.hpp). So adding one to a number that was read never overflows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.hpp"

namespace berth {

bool is_number(std::int64_t number);
// Throws JsonError, which names the member.
std::int64_t read_number(ObjectReader& in, std::string_view name);
std::optional<std::int64_t> read_optional_number(ObjectReader& in,
                                                 std::string_view name);

}  // namespace berth
