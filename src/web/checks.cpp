// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/checks: checks whether the server differs from its last
// build. The finding is `drift` of GET /servers/S.
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

Reply check_server(const Request& request, Console& console) {
  read_optional_body(request, {});
  return submit(request, console, {"check", request.names[0], {}});
}

}  // namespace berth::web
