// SPDX-License-Identifier: GPL-2.0-or-later
// PUT and DELETE /servers/S/reservation. The holder's PUT extends; taking over
// from somebody is for admins. Releasing always goes to berthd, also when the
// state says free: it may have been taken a moment ago.
#include "base/name.hpp"
#include "web/body.hpp"
#include "web/facts.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

Reply reserve(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  const json::object body = read_body(request, {{"hours", FieldType::number},
                                                {"note", FieldType::text},
                                                {"take_over",
                                                 FieldType::boolean}});
  // More than the longest hold is cut to it by berthd, none is the default.
  if (const json::value* hours = body.if_contains("hours")) {
    if (!(hours->as_double() > 0)) {
      refuse_member("hours", "'hours' must be more than 0");
    }
  }
  if (const json::value* note = body.if_contains("note")) {
    const auto why = refuse_note(std::string(note->as_string()));
    if (why) refuse_member("note", *why);
  }
  const json::value* take_over = body.if_contains("take_over");
  const bool taking = take_over && take_over->as_bool();
  if (taking && !console.config().is_admin(request.user)) {
    throw Problem(403, "taking over is for admins; ask the holder");
  }
  const json::object facts = server_facts(console, server);
  return submit(request, console, {"reserve", server, body},
                [&](const Runner&) {
                  if (taking) return;
                  refuse_held(console, facts, request.user, "");
                });
}

Reply release(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  server_facts(console, server);
  return submit(request, console, {"release", server, {}},
                [](const Runner&) {});
}

}  // namespace berth::web
