// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/checks: whether the server is still what was built. What is
// found is `drift` of GET /servers/S.
#include "web/body.hpp"
#include "web/facts.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

Reply check_server(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  read_optional_body(request, {});
  const json::object facts = server_facts(console, server);
  return submit(request, console, {"check", server, {}},
                [&](const Runner&) { refuse_not_running(console, facts); });
}

}  // namespace berth::web
