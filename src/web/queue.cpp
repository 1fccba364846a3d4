// SPDX-License-Identifier: GPL-2.0-or-later
// GET /queue: what each job waits for, in order.
#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {

Reply queue(const Request& request, Console& console) {
  return published_list(request, console, "queue.json", "jobs",
                        {{"JOB", "/id"},
                         {"STATE", "/state"},
                         {"SERVER", "/server"},
                         {"APPLICATION", "/application"},
                         {"PATH", "/path"},
                         {"USER", "/user"},
                         {"STEP", "/step"},
                         {"EXPECTED END", "/expected_end"},
                         {"WAITS FOR", "/waits_for/claim"},
                         {"HELD BY JOB", "/waits_for/holder"},
                         {"PLACE", "/waits_for/place"}});
}

}  // namespace berth::web
