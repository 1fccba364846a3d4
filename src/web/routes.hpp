// SPDX-License-Identifier: GPL-2.0-or-later
// Which function answers which request. A pattern's {server}, {application},
// {job}, {token} and {snapshot} match one segment that is such a name and
// nothing else, so no handler sees a slash, a leading dot or a control
// character. No pattern: 404; a pattern, but not with this method: 405 with
// Allow; a query parameter the route does not know: 400 naming it.
#pragma once

#include "web/console.hpp"
#include "web/reply.hpp"
#include "web/request.hpp"

namespace berth::web {

using Handler = Reply (*)(const Request&, Console&);

struct Route {
  const char* method;
  const char* pattern;
  const char* query;   // names of its parameters, separated by spaces
  bool needs_login;
  Handler handler;
};

// Throws Problem 404, 405 or 400; else fills in request.names.
const Route& find_route(Request& request);

}  // namespace berth::web
