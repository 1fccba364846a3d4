// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/builds, and POST /builds for any free running server; POST
// /servers/S/previews, which takes the same members. Names, paths and revisions
// are checked here and again by the runner.
#include "base/name.hpp"
#include "web/body.hpp"
#include "web/facts.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {
namespace {

const ApplicationConfig& application_of(const Console& console,
                                        const std::string& name) {
  const auto& all = console.config().applications;
  const auto found = all.find(name);
  if (found != all.end()) return found->second;
  throw Problem(400, "there is no application '" + name + "'",
                {{"member", "application"}});
}

void refuse(const char* member, const Refusal& why) {
  if (why) refuse_member(member, *why);
}

BuildArguments read_build(const Request& request, const Console& console) {
  json::object body = read_body(request, {{"application", FieldType::text},
                                          {"path", FieldType::text},
                                          {"revision", FieldType::text},
                                          {"database", FieldType::text},
                                          {"checkout", FieldType::boolean},
                                          {"note", FieldType::text},
                                          {"release", FieldType::text},
                                          {"revert", FieldType::text}});
  BuildArguments build =
      asked([&body] { return build_arguments_from_json(body); });
  const ApplicationConfig& application =
      application_of(console, build.application);
  if (!build.path.empty()) {
    refuse("path", refuse_path(application.kind, build.path));
  }
  refuse("revision", refuse_revision(application.kind, build.revision));
  build.revision = normal_revision(application.kind, build.revision);
  refuse("database", refuse_database(build.database));
  refuse("note", refuse_note(build.note));
  if (build.database != "none" && application.cluster.empty()) {
    refuse_member("database", build.application + " has no database");
  }
  return build;
}

void refuse_elsewhere(const Console& console, const std::string& name,
                      const std::string& application) {
  if (application_of(console, application).allowed_on(name)) return;
  throw Problem(403,
                application + " is not built on " + name +
                    " (application's `servers` in the configuration)",
                {{"free", free_servers(console, application)}});
}

}  // namespace

// A base is published here long before the cluster's next tidy says so, and
// berthd knows: it is asked, unless it is away.
Reply build_on_server(const Request& request, Console& console) {
  const std::string& name = request.names[0];
  const BuildArguments build = read_build(request, console);
  const json::object facts = server_facts(console, name);
  refuse_elsewhere(console, name, build.application);
  return submit(request, console,
                {"build", name, to_json(build).as_object()},
                [&](const Runner& runner) {
                  refuse_held(console, facts, request.user,
                              build.application);
                  if (build.revert.empty()) {
                    refuse_not_running(console, facts);
                  } else {
                    refuse_away(console, facts);
                  }
                  if (!runner.up) refuse_base(console, build);
                });
}

// Which server it becomes is berthd's choice; a free one that the state does
// not show yet may be there, so only it says that there is none.
Reply build_anywhere(const Request& request, Console& console) {
  const BuildArguments build = read_build(request, console);
  return submit(request, console, {"build", "*", to_json(build).as_object()},
                [&](const Runner& runner) {
                  if (!runner.up) refuse_base(console, build);
                });
}

// Nobody's hold is in its way: it changes nothing.
Reply preview_on_server(const Request& request, Console& console) {
  const std::string& name = request.names[0];
  const BuildArguments build = read_build(request, console);
  if (build.release != "never") {
    refuse_member("release", "a preview holds no server");
  }
  if (!build.revert.empty()) {
    refuse_member("revert", "a preview leaves the server as it is");
  }
  const json::object facts = server_facts(console, name);
  refuse_elsewhere(console, name, build.application);
  return submit(request, console,
                {"preview", name, to_json(build).as_object()},
                [&](const Runner&) { refuse_not_running(console, facts); });
}

}  // namespace berth::web
