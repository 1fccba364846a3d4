// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::ctl {
namespace {

// Characters, not bytes: continuation bytes do not count.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string words(const json::value& value, const char* member) {
  if (value.is_string()) return printable(std::string(value.get_string()));
  std::vector<std::string> parts;
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) {
      const auto* object = member ? item.if_object() : nullptr;
      const json::value* found = object ? object->if_contains(member) : &item;
      parts.push_back(found ? words(*found, nullptr) : "");
    }
    return join(parts, ",");
  }
  if (const auto* object = value.if_object()) {
    for (const auto& [name, item] : *object) {
      parts.push_back(words(item, nullptr));
    }
    return join(parts, ":");
  }
  return value.is_null() ? "" : json::serialize(value);
}

}  // namespace

std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string cell(const json::value& object, const char* pointer,
                 const char* member) {
  json::error_code error;
  const json::value* found = object.find_pointer(pointer, error);
  std::string text = found ? words(*found, member) : "";
  return text.empty() ? "-" : text;
}

}  // namespace berth::ctl
