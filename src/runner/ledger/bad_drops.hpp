// SPDX-License-Identifier: GPL-2.0-or-later
// What lies in a folder of drops and is none: noted once, never moved, never
// followed. Of a flood kMostNoted are noted between two sweeps, and as many are
// remembered. What is old is removed, whatever it is: a link, a FIFO, a device,
// an empty folder. A folder with something in it is its owner's, who can close
// it to berthd: it is named once, and only root can remove it.
// bad/ gets the reason and, of what could be read through the checks of
// read_drop(), a copy. What those checks refuse unread is not copied: a hard
// link may name a file that only berth can read, and bad/ is readable by the
// web.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "store/drop.hpp"

namespace berth::runner {

inline constexpr std::size_t kMostNoted = 1000;

class BadDrops {
 public:
  BadDrops(const Dir& drop, const Dir& bad)
      : drop_(drop), bad_(bad), walk_(drop) {}
  // `name` is the directory entry; any bytes.
  void note(const std::string& name, const BadDrop& what);
  bool noted(const std::string& name) const;
  // Removes rubbish older than that: what was noted, and, of a bounded piece of
  // the folder with each call, unfinished files, names that no drop has and
  // what can be no drop.
  void sweep(Instant before);
  // How many are remembered.
  std::size_t size() const { return noted_.size(); }

 private:
  std::string identity(const std::string& name) const;
  bool remove_old(const std::string& name, Instant before);
  const Dir& drop_;
  const Dir& bad_;
  DirWalk walk_;
  std::map<std::string, std::string> noted_;  // name: inode and change time
  std::size_t notes_ = 0;     // since the last sweep
  bool told_of_flood_ = false;
  Instant before_ = 0;        // of the last sweep
};

}  // namespace berth::runner
