// SPDX-License-Identifier: GPL-2.0-or-later
// JSON as aligned columns for people in a terminal: berthctl's, and the API's
// text/plain. A column is a JSON pointer into one row. What is missing, null or
// empty is shown as "-", a line break as a blank, other control characters as
// \xNN, an array as its items with commas between them, an object in a cell as
// its values with colons.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace berth {

struct Column {
  const char* title;
  const char* pointer;  // "/hold/user"
  const char* item = nullptr;  // of an array of objects: this member of each
};
using Columns = std::vector<Column>;

std::string table(const json::array& rows, const Columns& columns);
// One thing: "name  value" lines, members of members as "hold.user".
std::string sheet(const json::object& thing);
// One cell, as in a table.
std::string cell(const json::value& thing, const char* pointer,
                 const char* item = nullptr);

}  // namespace berth
