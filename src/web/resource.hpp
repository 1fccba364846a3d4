// SPDX-License-Identifier: GPL-2.0-or-later
// How a resource becomes a reply: published bytes go out as they are, with
// the ETag berthd gave them; anything made here gets its own. As a table when
// the client asked for text.
#pragma once

#include "base/json.hpp"
#include "base/table.hpp"
#include "web/console.hpp"
#include "web/reply.hpp"
#include "web/request.hpp"

namespace berth::web {

// A list resource: {as_of, MEMBER:[...]}. Published as `file`.
Reply published_list(const Request& request, Console& console,
                     const std::string& file, const char* member,
                     const Columns& columns);

// One thing; 404 with `unknown` when there is no such file.
Reply published_thing(const Request& request, const Console& console,
                      const std::string& file, const std::string& unknown);

// A value made here; a sheet, or with `member` and columns a table.
Reply made(const Request& request, const json::object& body);
Reply made_list(const Request& request, const json::object& body,
                const char* member, const Columns& columns);

// A whole number in a query, within bounds; Problem 400 otherwise.
std::int64_t query_number(const Request& request, const char* name,
                          std::int64_t otherwise, std::int64_t least,
                          std::int64_t most);

}  // namespace berth::web
