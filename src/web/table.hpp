// SPDX-License-Identifier: GPL-2.0-or-later
// Accept: text/plain gives an aligned table for people in a terminal: a list
// of columns, each a JSON pointer into one row. What is missing or null is
// shown as "-", a line break as a blank, other control characters as \xNN, an
// array as its items with commas between them, an object in a cell as its
// values with colons.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "web/request.hpp"

namespace berth::web {

struct Column {
  const char* title;
  const char* pointer;  // "/hold/user"
  const char* item = nullptr;  // of an array of objects: this member of each
};
using Columns = std::vector<Column>;

// Whether text/plain is asked for, rather than JSON or anything.
bool wants_text(const Request& request);

std::string table(const json::array& rows, const Columns& columns);
// One thing: "name  value" lines, members of members as "hold.user".
std::string sheet(const json::object& thing);

}  // namespace berth::web
