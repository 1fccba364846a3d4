// SPDX-License-Identifier: GPL-2.0-or-later
// What lies in a folder of drops and is none: noted once, never moved, never
// followed; of a flood the first thousand, and what is old is removed then.
// bad/ gets the reason and, of what could be read through the checks of
// read_drop(), a copy. What those checks refuse unread is not copied: a hard
// link may name a file that only berth can read, and bad/ is readable by the
// web.
#pragma once

#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "store/drop.hpp"

namespace berth::runner {

class BadDrops {
 public:
  BadDrops(const Dir& drop, const Dir& bad)
      : drop_(drop), bad_(bad), walk_(drop) {}
  // `name` is the directory entry; any bytes.
  void note(const std::string& name, const BadDrop& what);
  bool noted(const std::string& name) const;
  // Removes rubbish older than that, if it is a regular file: what was noted,
  // and, of a bounded piece of the folder with each call, unfinished files and
  // names that no drop has.
  void sweep(Instant before);

 private:
  std::string identity(const std::string& name) const;
  bool remove_old(const std::string& name, Instant before);
  const Dir& drop_;
  const Dir& bad_;
  DirWalk walk_;
  std::map<std::string, std::string> noted_;  // name: inode and change time
  bool told_of_flood_ = false;
};

}  // namespace berth::runner
