// SPDX-License-Identifier: GPL-2.0-or-later
// Which free server a build gets that names none: first those that are known
// to work, that is, that carry something or whose last job succeeded; never
// before them one whose last job failed because of it. Among these those that
// carry the application already, then those with an address, then by name.
// Pure: decides from the world alone.
#pragma once

#include <string>

#include "runner/world.hpp"

namespace berth::runner {

// Empty: none. With `moving`, a job that goes on from a server it could not
// use: none that it has tried, and one that it holds already before all others.
std::string pick_free(const World& world, const ApplicationConfig& app,
                      const Job* moving = nullptr);

}  // namespace berth::runner
