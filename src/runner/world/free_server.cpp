// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/free_server.hpp"

#include <algorithm>
#include <tuple>

#include "runner/world/carried.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

// Compared member by member: the lesser is the better.
using Standing = std::tuple<bool, bool, bool, bool, bool, bool>;

// A build that preflight refused changed nothing, and the reason was either the
// request or the server; in the latter case the server is `faulty`.
bool failed_to_build(const Server& server) {
  return kind_in(server.last_job) == JobKind::build &&
         outcome_in(server.last_job) == Outcome::failed &&
         string_or(server.last_job, "failed_step", "") != "preflight";
}

Standing standing_of(const World& world, const std::string& name,
                     const ApplicationConfig& app,
                     const std::string& database) {
  const Server& server = *world.server(name);
  const bool carries = carried(world, name).application == app.name;
  const bool needs_database = database == "none" && !app.cluster.empty();
  const bool works = server.configuration.has_value() ||
                     outcome_in(server.last_job) == Outcome::succeeded;
  return {needs_database && !carries,
          server.faulty,
          failed_to_build(server),
          !works,
          !carries,
          server.domain.addresses.empty()};
}

bool was_tried(const Job& job, const std::string& name) {
  return name == job.server ||
         std::find(job.tried.begin(), job.tried.end(), name) !=
             job.tried.end();
}

}  // namespace

std::string pick_free(const World& world, const ApplicationConfig& app,
                      const std::string& database, const Job* moving) {
  if (moving) {
    // berthd was killed after the job took its hold there and before it moved.
    for (const auto& [name, server] : world.servers) {
      if (server.hold && server.hold->made_by == moving->id &&
          !was_tried(*moving, name)) {
        return name;
      }
    }
  }
  std::string best;
  for (const auto& name : world.free_servers()) {
    if (!app.allowed_on(name) || (moving && was_tried(*moving, name))) {
      continue;
    }
    if (best.empty() || standing_of(world, name, app, database) <
                            standing_of(world, best, app, database)) {
      best = name;
    }
  }
  return best;
}

}  // namespace berth::runner
