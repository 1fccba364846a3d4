// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/undo {job} goes back behind the last switch of a server; PUT
// /servers/S/undo {hours} keeps what that needs for so long from now. Whose
// undo it is, and what it would bring back, berthd knows.
#include <cmath>

#include "web/body.hpp"
#include "web/facts.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

namespace {

constexpr double kLargestNumber = 1e15;

// A number that is whole and could be a job's.
std::int64_t job_named(const json::object& body) {
  const double job = body.at("job").get_double();
  if (!(job >= 1 && job < kLargestNumber) || job != std::floor(job)) {
    refuse_member("job", "'job' must be a job's number");
  }
  return static_cast<std::int64_t>(job);
}

}  // namespace

// berthd may be away for hours, and somebody build meanwhile: the job whose
// switch is meant goes with the request, as the client names it or as the last
// that is known here.
Reply undo(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  const json::object body =
      read_optional_body(request, {{"job", FieldType::number}});
  const json::object facts = server_facts(console, server);
  json::object arguments;
  if (body.contains("job")) {
    arguments["job"] = job_named(body);
  } else if (const auto seen = undo_seen(console, facts)) {
    arguments["seen"] = *seen;
  }
  return submit(request, console, {"undo", server, std::move(arguments)},
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
