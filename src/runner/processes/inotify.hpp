// SPDX-License-Identifier: GPL-2.0-or-later
// Hints that something happened in a folder. Only hints: events get lost when
// the kernel's queue is full (told as watch -1), and every folder watched is
// also looked at by the clock.
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
// {watch, name} of all that is there; never waits.
std::vector<std::pair<int, std::string>> read_inotify(const Fd& inotify);

}  // namespace berth::runner
