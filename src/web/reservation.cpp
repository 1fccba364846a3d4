// SPDX-License-Identifier: GPL-2.0-or-later
// PUT and DELETE /servers/S/reservation. A PUT by the holder extends the hold;
// an admin's PUT with `take_over` takes the server from its holder.
#include "base/name.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

Reply reserve(const Request& request, Console& console) {
  const json::object body = read_body(request, {{"hours", FieldType::number},
                                                {"note", FieldType::text},
                                                {"take_over",
                                                 FieldType::boolean}});
  // berthd cuts a value above the longest hold, and has a default.
  if (const json::value* hours = body.if_contains("hours")) {
    if (!(hours->as_double() > 0)) {
      refuse_member("hours", "'hours' must be more than 0");
    }
  }
  if (const json::value* note = body.if_contains("note")) {
    const auto why = refuse_note(std::string(note->as_string()));
    if (why) refuse_member("note", *why);
  }
  return submit(request, console, {"reserve", request.names[0], body});
}

Reply release(const Request& request, Console& console) {
  return submit(request, console, {"release", request.names[0], {}});
}

}  // namespace berth::web
