// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/number.hpp"

#include <string>

namespace berth {
namespace {

constexpr std::int64_t kHighestNumber = 999'999'999'999'999;

}  // namespace

bool is_number(std::int64_t number) {
  return number >= 0 && number <= kHighestNumber;
}

std::int64_t read_number(ObjectReader& in, std::string_view name) {
  const std::int64_t number = in.integer(name);
  if (!is_number(number)) {
    throw JsonError("'" + std::string(name) +
                        "' must be a number of at most 15 digits",
                    std::string(name));
  }
  return number;
}

std::optional<std::int64_t> read_optional_number(ObjectReader& in,
                                                 std::string_view name) {
  if (!in.optional_value(name)) return std::nullopt;
  return read_number(in, name);
}

}  // namespace berth
