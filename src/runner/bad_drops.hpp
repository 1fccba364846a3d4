// SPDX-License-Identifier: GPL-2.0-or-later
// What lies in drop/ and is no drop: noted once, never moved, never followed.
// bad/ gets the reason and, of what could be read through the checks of
// read_drop(), a copy. What those checks refuse unread is not copied: a hard
// link may name a file that only berth can read, and bad/ is readable by the
// web.
#pragma once

#include <set>
#include <string>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "store/drop.hpp"

namespace berth::runner {

class BadDrops {
 public:
  BadDrops(const Dir& drop, const Dir& bad) : drop_(drop), bad_(bad) {}
  // `name` is the directory entry; any bytes.
  void note(const std::string& name, const BadDrop& what);
  bool noted(const std::string& name) const;
  // Rubbish older than a day goes, if it is a regular file.
  void sweep(Instant before);

 private:
  std::string identity(const std::string& name) const;
  const Dir& drop_;
  const Dir& bad_;
  std::set<std::string> noted_;  // name, inode and change time
  bool told_of_flood_ = false;
};

}  // namespace berth::runner
