// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/cut_columns.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::worker {
namespace {

constexpr int kLongestCharacter = 4;  // bytes

std::string bytes_of(std::string_view hex) {
  std::string out;
  out.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(
        static_cast<char>(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1])));
  }
  return out;
}

std::string with_replacements(const std::string& bytes) {
  const std::string marked = valid_utf8(bytes);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (marked[i] == bytes[i]) {
      out.push_back(bytes[i]);
    } else {
      out += "\xEF\xBF\xBD";
    }
  }
  return out;
}

}  // namespace

CutColumns::CutColumns(const std::string& select, std::vector<bool> variable)
    : variable_(std::move(variable)) {
  if (std::find(variable_.begin(), variable_.end(), true) == variable_.end()) {
    return;
  }
  std::string columns, names;
  for (std::size_t i = 0; i < variable_.size(); ++i) {
    const std::string name = "c" + std::to_string(i);
    const char* comma = i == 0 ? "" : ", ";
    names += comma + name;
    columns += comma;
    columns += variable_[i] ? "pg_catalog.encode(pg_catalog.substr("
                              "pg_catalog.textsend(" + name +
                                  "::pg_catalog.text), 1, " +
                                  std::to_string(kLongestCell) + "), 'hex')"
                            : name;
  }
  sql_ = "SELECT " + columns + " FROM (" + select + ") AS q (" + names + ")";
}

std::string CutColumns::cell(int column, const char* value) const {
  const auto i = static_cast<std::size_t>(column);
  if (sql_.empty() || i >= variable_.size() || !variable_[i]) return value;
  std::string out = bytes_of(value);
  if (out.size() < kLongestCell) return with_replacements(out);
  for (int cut = 0; cut < kLongestCharacter; ++cut) {
    const std::string_view whole(out.data(),
                                 out.size() - static_cast<std::size_t>(cut));
    if (is_valid_utf8(whole)) return std::string(whole);
  }
  return with_replacements(out);
}

}  // namespace berth::worker
