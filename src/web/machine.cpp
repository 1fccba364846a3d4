// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/power {action, force}; GET and POST /servers/S/snapshots,
// POST .../NAME/revert, DELETE .../NAME. Whose server it is, which snapshots
// it has and what is at work there berthd knows; each that is accepted is a
// job.
#include "web/body.hpp"
#include "web/facts.hpp"
#include "web/handlers.hpp"
#include "web/resource.hpp"
#include "web/submission.hpp"

namespace berth::web {
namespace {

Reply submit_snapshot(const Request& request, Console& console,
                      const SnapshotArguments& arguments) {
  const std::string& server = request.names[0];
  const json::object facts = server_facts(console, server);
  return submit(
      request, console,
      {"snapshot", server, to_json(arguments).as_object()},
      [&](const Runner&) { refuse_away(console, facts); });
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
  const std::string& server = request.names[0];
  const json::object body = read_body(
      request, {{"action", FieldType::text}, {"force", FieldType::boolean}});
  const PowerArguments power =
      asked([&body] { return power_arguments_from_json(body); });
  const json::object facts = server_facts(console, server);
  return submit(request, console, {"power", server, to_json(power).as_object()},
                [&](const Runner&) {
                  refuse_away(console, facts);
                  if (power.action == "reboot" || power.action == "reset") {
                    refuse_not_running(console, facts);
                  }
                });
}

Reply snapshots(const Request& request, Console& console) {
  const json::object facts = server_facts(console, request.names[0]);
  const json::value* list = facts.if_contains("snapshots");
  const json::value* fresh = facts.if_contains("fresh");
  return made_list(request,
                   {{"server", request.names[0]},
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
  return submit_snapshot(
      request, console,
      asked([&body] { return snapshot_arguments_from_json(body); }));
}

Reply revert_snapshot(const Request& request, Console& console) {
  return named(request, console, "revert");
}

Reply delete_snapshot(const Request& request, Console& console) {
  return named(request, console, "delete");
}

}  // namespace berth::web
