// SPDX-License-Identifier: GPL-2.0-or-later
// Events in folders, as hints only: events are lost when the kernel's queue is
// full (reported as watch -1), so every watched folder is also scanned
// periodically.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.hpp"

namespace berth::runner {

enum class Folder {
  arrivals,  // a file got its name, or was written and closed
  writes,    // a file was written to
};

Fd open_inotify();
int watch_folder(const Fd& inotify, const std::string& path, Folder what);
// All pending events as {watch, name}; never waits.
std::vector<std::pair<int, std::string>> read_inotify(const Fd& inotify);

}  // namespace berth::runner
