// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of text in aligned columns, the first row the titles.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace berth::ctl {

using Row = std::vector<std::string>;

std::string table(const std::vector<Row>& rows);

// The member a JSON pointer names ("/hold/user") as one printable cell: "-"
// when missing, null or empty, arrays joined by commas, the values of an object
// by colons. With `member`, of an array of objects that member of each.
std::string cell(const json::value& object, const char* pointer,
                 const char* member = nullptr);

}  // namespace berth::ctl
