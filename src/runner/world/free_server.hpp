// SPDX-License-Identifier: GPL-2.0-or-later
// Chooses the free server for a build that names none. Of two candidates the
// better is decided by the first of these in which they differ:
//   it has the application, if the build brings no database: then it has a
//     database too, and on a server without one the build would fail
//   its last build did not fail because of the server (Server::faulty)
//   its last job is not a build that failed after preflight, for whatever
//     reason: a full disk fails every build, and a build that moves on only
//     where the server is known to be at fault would be sent there again
//   it is known to work: it has a configuration, or its last job succeeded
//   it has the application already
//   it has an address
//   its name
// Rejected: asking whether the same path was built elsewhere. Whatever failed
// there, a server without a failure costs no more to try. A pure function of
// the world.
#pragma once

#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

// Empty when no server qualifies. `moving` is a job that leaves a server it
// could not use: no server that it has tried qualifies, and one that it already
// holds comes before all others. `database` is the build's argument.
std::string pick_free(const World& world, const ApplicationConfig& app,
                      const std::string& database,
                      const Job* moving = nullptr);

}  // namespace berth::runner
