// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/undo goes back behind the last switch of a server; PUT
// /servers/S/undo {hours} keeps what that needs for so long from now. Whose
// undo it is, and what it would bring back, berthd knows.
#include "web/body.hpp"
#include "web/facts.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

// Without members: what is undone is whatever was the last when berthd
// decides, and it says so in its answer.
Reply undo(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  read_optional_body(request, {});
  const json::object facts = server_facts(console, server);
  return submit(request, console, {"undo", server, {}},
                [&](const Runner&) { refuse_no_undo(console, facts); });
}

Reply keep(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  const json::object body =
      read_body(request, {{"hours", FieldType::number}});
  const KeepArguments keep =
      asked([&body] { return keep_arguments_from_json(body); });
  const json::object facts = server_facts(console, server);
  return submit(request, console, {"keep", server, to_json(keep).as_object()},
                [&](const Runner&) { refuse_no_undo(console, facts); });
}

}  // namespace berth::web
