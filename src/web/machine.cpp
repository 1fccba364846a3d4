// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/power {action, force}; GET and POST /servers/S/snapshots,
// POST .../NAME/revert, DELETE .../NAME. berthd knows the holder, the snapshots
// and the jobs of the server, and decides; each accepted request is a job.
#include "model/job.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/resource.hpp"
#include "web/submission.hpp"

namespace berth::web {
namespace {

Reply submit_snapshot(const Request& request, Console& console,
                      const SnapshotArguments& arguments) {
  return submit(request, console,
                {"snapshot", request.names[0], to_json(arguments)});
}

Reply named(const Request& request, Console& console, const char* action) {
  read_optional_body(request, {});
  SnapshotArguments arguments;
  arguments.action = action;
  arguments.name = request.names[1];
  return submit_snapshot(request, console, arguments);
}

}  // namespace

Reply power(const Request& request, Console& console) {
  const json::object body = read_body(
      request, {{"action", FieldType::text}, {"force", FieldType::boolean}});
  const PowerArguments power =
      asked([&body] { return arguments_from<PowerArguments>(body); });
  return submit(request, console, {"power", request.names[0], to_json(power)});
}

Reply snapshots(const Request& request, Console& console) {
  const std::string& name = request.names[0];
  const auto seen = console.state().read_json("server/" + name + ".json");
  if (!seen) throw Problem(404, "there is no server '" + name + "'");
  const json::object& server = seen->as_object();
  const json::value* list = server.if_contains("snapshots");
  const json::value* fresh = server.if_contains("fresh");
  return made_list(request,
                   {{"server", name},
                    {"fresh", fresh ? *fresh : json::value(false)},
                    {"snapshots", list ? *list : json::value(json::array())}},
                   "snapshots",
                   {{"SNAPSHOT", "/name"},
                    {"TAKEN", "/created"},
                    {"STATE", "/state"},
                    {"CURRENT", "/current"},
                    {"JOB", "/job"},
                    {"NOTE", "/note"}});
}

Reply take_snapshot(const Request& request, Console& console) {
  json::object body = read_body(
      request, {{"name", FieldType::text}, {"note", FieldType::text}});
  body["action"] = "take";
  return submit_snapshot(request, console, asked([&body] {
                           return arguments_from<SnapshotArguments>(body);
                         }));
}

Reply revert_snapshot(const Request& request, Console& console) {
  return named(request, console, "revert");
}

Reply delete_snapshot(const Request& request, Console& console) {
  return named(request, console, "delete");
}

}  // namespace berth::web
