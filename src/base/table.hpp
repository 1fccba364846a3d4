// SPDX-License-Identifier: GPL-2.0-or-later
// Formats JSON as an aligned table for people in a terminal: berthctl's output
// and the API's text/plain. Each column is a JSON pointer into a row. A
// missing, null or empty value is shown as "-", a line break as a space, other
// control characters as \xNN, an array as its items with commas between them,
// an object as its values with colons.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace berth {

struct Column {
  const char* title;
  const char* pointer;  // "/hold/user"
  const char* item = nullptr;  // for an array of objects: this member of each
};
using Columns = std::vector<Column>;

std::string table(const json::array& rows, const Columns& columns);
// One object as lines "name  value"; nested members as "hold.user".
std::string sheet(const json::object& thing);
// One cell, as in a table.
std::string cell(const json::value& thing, const char* pointer,
                 const char* item = nullptr);

}  // namespace berth
