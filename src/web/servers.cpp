// SPDX-License-Identifier: GPL-2.0-or-later
// GET /servers, /servers/S, as published by berthd.
#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {

Reply servers(const Request& request, Console& console) {
  return published_list(request, console, "servers.json", "servers",
                        {{"SERVER", "/name"},
                         {"STATE", "/state"},
                         {"HOST", "/host"},
                         {"HOLDER", "/hold/user"},
                         {"UNTIL", "/hold/until"},
                         {"APPLICATION", "/configuration/application"},
                         {"PATH", "/configuration/path"},
                         {"REVISION", "/configuration/revision"},
                         {"BUILT", "/configuration/built_at"},
                         {"JOB", "/job/id"},
                         {"STEP", "/job/step"},
                         {"DATA", "/configuration/database/data_at"}});
}

Reply server(const Request& request, Console& console) {
  const std::string file = "server/" + request.names[0] + ".json";
  return published_thing(request, console, file,
                         "there is no server '" + request.names[0] + "'");
}

}  // namespace berth::web
