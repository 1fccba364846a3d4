// SPDX-License-Identifier: GPL-2.0-or-later
// Entries in a folder of drops that are not valid drops. Each is logged once,
// never moved and never followed. At most kMostNoted are logged between two
// sweeps, and as many are remembered. Old entries are removed, whatever they
// are: a link, a FIFO, a device, an empty folder. A folder that is not empty
// can be closed to berthd by its owner: it is logged once, and only root can
// remove it.
//
// bad/ receives the reason and, if the file passed the checks of read_drop(), a
// copy. A file that those checks refuse is not copied: a hard link may name a
// file that only berth can read, and the web side can read bad/.
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
  // `name` is the name of the directory entry, which may contain any bytes.
  void note(const std::string& name, const BadDrop& what);
  bool noted(const std::string& name) const;
  // Removes older rubbish: the entries that were logged and, of a bounded piece
  // of the folder at each call, unfinished files and entries that cannot be
  // drops.
  void sweep(Instant before);
  // How many entries are remembered.
  std::size_t size() const { return noted_.size(); }

 private:
  std::string identity(const std::string& name) const;
  bool remove_old(const std::string& name, Instant before);
  const Dir& drop_;
  const Dir& bad_;
  DirWalk walk_;
  std::map<std::string, std::string> noted_;  // by name: inode and change time
  std::size_t notes_ = 0;     // since the last sweep
  bool flood_logged_ = false;
  Instant before_ = 0;        // of the last sweep
};

}  // namespace berth::runner
