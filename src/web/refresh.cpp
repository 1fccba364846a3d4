// SPDX-License-Identifier: GPL-2.0-or-later
// POST /applications/A/refresh {again}: a new base from the application's
// dump. For admins: it is hours of work for the cluster, and what people's
// next builds will see.
#include "model/job.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

Reply refresh(const Request& request, Console& console) {
  const std::string& name = request.names[0];
  const json::object body =
      read_optional_body(request, {{"again", FieldType::boolean}});
  const RefreshArguments refresh =
      asked([&body] { return refresh_arguments_from_json(body); });
  const auto& all = console.config().applications;
  const auto found = all.find(name);
  if (found == all.end()) {
    throw Problem(404, "there is no application '" + name + "'");
  }
  if (!console.config().is_admin(request.user)) {
    throw Problem(403, "refreshing a base is for admins ([console] admins in "
                       "berth.conf); ask one");
  }
  if (found->second.dump.empty()) {
    throw Problem(409, name + " has no `dump` in berth.conf, so there is "
                              "nothing to refresh from");
  }
  return submit(request, console,
                {"refresh", name, to_json(refresh).as_object()},
                [](const Runner&) {});
}

}  // namespace berth::web
