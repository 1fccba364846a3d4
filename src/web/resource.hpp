// SPDX-License-Identifier: GPL-2.0-or-later
// Makes a reply from a resource: published bytes are sent unchanged, with the
// ETag that berthd gave them; a body made here gets its own. The reply is a
// table if the client requested text.
#pragma once

#include "base/json.hpp"
#include "base/table.hpp"
#include "web/console.hpp"
#include "web/reply.hpp"
#include "web/request.hpp"

namespace berth::web {

// A list: {as_of, MEMBER:[...]}, published as `file`.
Reply published_list(const Request& request, Console& console,
                     const std::string& file, const char* member,
                     const Columns& columns);

// One object; 404 with the text `unknown` if there is no such file.
Reply published_thing(const Request& request, const Console& console,
                      const std::string& file, const std::string& unknown);

// A body made here: as text a sheet or, with `member` and columns, a table.
Reply made(const Request& request, const json::object& body);
Reply made_list(const Request& request, const json::object& body,
                const char* member, const Columns& columns);

// An integer in a query, within bounds; throws Problem 400 otherwise.
std::int64_t query_number(const Request& request, const char* name,
                          std::int64_t otherwise, std::int64_t least,
                          std::int64_t most);

}  // namespace berth::web
