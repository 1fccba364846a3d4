// SPDX-License-Identifier: GPL-2.0-or-later
// GET /hosts, as published by berthd.
#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {

Reply hosts(const Request& request, Console& console) {
  return published_list(request, console, "hosts.json", "hosts",
                        {{"HOST", "/name"},
                         {"CONNECTED", "/connected"},
                         {"FRESH", "/fresh"},
                         {"AS OF", "/as_of"},
                         {"SERVERS", "/servers"},
                         {"SKIPPED", "/skipped"},
                         {"PROBLEMS", "/problems"},
                         {"REASON", "/reason"}});
}

}  // namespace berth::web
