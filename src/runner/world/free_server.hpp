// SPDX-License-Identifier: GPL-2.0-or-later
// Which free server a build gets that names none. The lesser of two, by the
// first of these in which they differ:
//   it carries the application, where the build brings no database: it has one
//     then, and the build would fail on a server that has none
//   its last build did not fail because of it (Server::faulty)
//   its last job is not a build that failed after preflight, for whatever
//     reason: a full disk there fails every build, and a build that moves on
//     only where the server is known to be at fault would be sent there again
//   it is known to work: it carries something, or its last job succeeded
//   it carries the application already
//   it has an address
//   its name
// (Rejected: asking whether the same path was built elsewhere. Whatever failed
// there, a server where nothing did costs no more to try.)
// Pure: decides from the world alone.
#pragma once

#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

// Empty: none. With `moving`, a job that goes on from a server it could not
// use: none that it has tried, and one that it holds already before all others.
// `database` is the build's argument.
std::string pick_free(const World& world, const ApplicationConfig& app,
                      const std::string& database,
                      const Job* moving = nullptr);

}  // namespace berth::runner
