// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/builds, and POST /builds for any free running server; POST
// /servers/S/previews, which has the same members. The syntax of names, paths
// and revisions is checked here and again by the runner; only the runner knows
// whether the application, the server and the base exist.
#include "base/name.hpp"
#include "model/job.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {
namespace {

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
      asked([&body] { return arguments_from<BuildArguments>(body); });
  // The syntax of a path depends on the kind of its repository.
  const auto& known = console.config().applications;
  if (const auto application = known.find(build.application);
      application != known.end()) {
    const std::string& kind = application->second.kind;
    if (!build.path.empty()) refuse("path", refuse_path(kind, build.path));
    refuse("revision", refuse_revision(kind, build.revision));
    build.revision = normal_revision(kind, build.revision);
  }
  refuse("database", refuse_database(build.database));
  refuse("note", refuse_note(build.note));
  return build;
}

}  // namespace

Reply build_on_server(const Request& request, Console& console) {
  const BuildArguments build = read_build(request, console);
  return submit(request, console, {"build", request.names[0], to_json(build)});
}

Reply build_anywhere(const Request& request, Console& console) {
  const BuildArguments build = read_build(request, console);
  return submit(request, console, {"build", "*", to_json(build)});
}

Reply preview_on_server(const Request& request, Console& console) {
  const BuildArguments build = read_build(request, console);
  if (build.release != "never") {
    refuse_member("release", "a preview takes no hold");
  }
  if (!build.revert.empty()) {
    refuse_member("revert", "a preview changes nothing");
  }
  return submit(request, console,
                {"preview", request.names[0], to_json(build)});
}

}  // namespace berth::web
