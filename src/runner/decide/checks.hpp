// SPDX-License-Identifier: GPL-2.0-or-later
// Which server to check next, and what a check is worth: a mark on those that
// are no longer what was built. Pure functions of the world.
//
// Each server that carries something is looked at once a day, counted from its
// last check or its last build: so they are spread over the day as the builds
// were. One at a time, in the background, and none is begun while any job is
// queued or at work: a check costs a guest a moment, and there is always a
// quieter one. After one that failed it waits an hour.
#pragma once

#include <optional>
#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

// The one that waited longest.
std::optional<std::string> check_to_make(const World& world);
Job check_job(const World& world, const std::string& server,
              std::int64_t number);

// The server's last check, if it is of what the server carries now.
const Check* check_of(const Server& server);

}  // namespace berth::runner
