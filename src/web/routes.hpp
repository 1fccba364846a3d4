// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the handler of a request. {server}, {application}, {job}, {token} and
// {snapshot} in a pattern match one segment that is a valid name of that kind,
// so no handler sees a slash, a leading dot or a control character. 404 without
// a matching pattern; 405 with Allow if the pattern does not allow the method;
// 400 naming a query parameter that the route does not know.
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

// Throws Problem 404, 405 or 400; otherwise sets request.names.
const Route& find_route(Request& request);

}  // namespace berth::web
