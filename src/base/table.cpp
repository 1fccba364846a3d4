// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth {
namespace {

using Row = std::vector<std::string>;

// A note in any language stays readable, on one line; characters that could
// move a terminal's cursor or forge a line are escaped.
std::string one_row(const std::string& text) {
  std::string line = text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (!is_valid_utf8(line) || has_control_characters(line) ||
      !turning_character(line, Marks::taken).empty()) {
    return printable(text, 200);
  }
  return line;
}

std::string shown(const json::value* value, const char* item = nullptr) {
  if (!value || value->is_null()) return "-";
  if (value->is_string()) {
    const std::string text(value->get_string());
    return text.empty() ? "-" : one_row(text);
  }
  std::vector<std::string> parts;
  if (const auto* array = value->if_array()) {
    for (const auto& each : *array) {
      const auto* object = item ? each.if_object() : nullptr;
      parts.push_back(shown(object ? object->if_contains(item) : &each));
    }
    return parts.empty() ? "-" : join(parts, ",");
  }
  if (const auto* object = value->if_object()) {
    for (const auto& [name, member] : *object) parts.push_back(shown(&member));
    return parts.empty() ? "-" : join(parts, ":");
  }
  return json::serialize(*value);
}

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], characters(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) {
        out.append(widths[i] - characters(row[i]) + 2, ' ');
      }
    }
    out += '\n';
  }
  return out;
}

void flatten(const json::object& thing, const std::string& prefix,
             std::vector<Row>& rows) {
  for (const auto& [key, value] : thing) {
    const std::string name = prefix + std::string(key);
    const auto* array = value.if_array();
    if (const auto* object = value.if_object()) {
      flatten(*object, name + ".", rows);
    } else if (array && !array->empty() && array->front().is_object()) {
      for (std::size_t i = 0; i < array->size(); ++i) {
        if (const auto* item = (*array)[i].if_object()) {
          flatten(*item, name + "." + std::to_string(i) + ".", rows);
        }
      }
    } else {
      rows.push_back({name, shown(&value)});
    }
  }
}

}  // namespace

std::string cell(const json::value& thing, const char* pointer,
                 const char* item) {
  json::error_code none;
  return shown(thing.find_pointer(pointer, none), item);
}

std::string table(const json::array& rows, const Columns& columns) {
  std::vector<Row> out(1);
  for (const auto& column : columns) out[0].push_back(column.title);
  for (const auto& item : rows) {
    Row row;
    for (const auto& column : columns) {
      row.push_back(cell(item, column.pointer, column.item));
    }
    out.push_back(std::move(row));
  }
  return aligned(out);
}

std::string sheet(const json::object& thing) {
  std::vector<Row> rows;
  flatten(thing, "", rows);
  return aligned(rows);
}

}  // namespace berth
