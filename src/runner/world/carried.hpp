// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration that a server will have after its queued and running jobs:
// its current one, changed by each build, undo and snapshot revert among them.
// The path and the revision are empty where only the guest will know them. A
// pure function of the world.
#pragma once

#include <string>

#include "runner/world/world.hpp"

namespace berth::runner {

struct Carried {
  std::string application;
  std::string path;
  std::string revision;
};
Carried carried(const World& world, const std::string& server);

}  // namespace berth::runner
