// SPDX-License-Identifier: GPL-2.0-or-later
// What a server will carry once the jobs before are done: its configuration,
// and what the builds, undos and reverts that wait or run on it make of it.
// Path and revision are empty where only its guest will know. Pure.
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
