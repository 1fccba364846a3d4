// SPDX-License-Identifier: GPL-2.0-or-later
// Decides which server to check next, and which check of a server is valid. A
// check marks a server that differs from its last build. Pure functions of the
// world.
//
// Each server with a configuration is checked a day after its last check or
// build, which spreads the checks over the day as the builds were. Checks run
// one at a time in the background, and none starts while any other job is
// queued or running: a check costs the guest a moment, and a quieter one always
// comes. A failed check is repeated after an hour.
#pragma once

#include <optional>
#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

// The server whose check is longest overdue.
std::optional<std::string> check_to_make(const World& world);
Job check_job(const World& world, const std::string& server,
              std::int64_t number);

// The server's last check, if it checked the server's current configuration.
const Check* check_of(const Server& server);

}  // namespace berth::runner
