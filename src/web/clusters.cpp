// SPDX-License-Identifier: GPL-2.0-or-later
// GET /clusters, as published by berthd.
#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {

Reply clusters(const Request& request, Console& console) {
  return published_list(request, console, "clusters.json", "clusters",
                        {{"CLUSTER", "/name"},
                         {"REACHABLE", "/reachable"},
                         {"FRESH", "/fresh"},
                         {"AS OF", "/as_of"},
                         {"VERSION", "/version"},
                         {"FREE", "/free_bytes"},
                         {"BASES", "/bases"},
                         {"SPARES", "/spares"},
                         {"FORMER", "/former"},
                         {"TRASH", "/trash"},
                         {"ORPHANS", "/orphans", "name"},
                         {"PROBLEMS", "/problems"},
                         {"REASON", "/reason"}});
}

}  // namespace berth::web
