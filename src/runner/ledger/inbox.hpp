// SPDX-License-Identifier: GPL-2.0-or-later
// A folder of drops as the acceptor reads it: the drops that wait, in the order
// of arrival as far as the file system records it.
//
// Any process that may write to the folder can put a million files there. So it
// is read in pieces of at most kNamesPerLook names, the next piece when these
// are done. A flood delays the other drops of that folder, but takes no memory
// and does not delay the loop.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "runner/ledger/bad_drops.hpp"
#include "store/drop.hpp"

namespace berth::runner {

inline constexpr std::size_t kNamesPerLook = 2000;

class Inbox {
 public:
  Inbox(const std::string& path, const std::string& bad, uid_t owner,
        bool roots);
  Inbox(Inbox&&) = delete;  // its parts refer to each other

  DropFolder folder() const { return {dir_, owner_, roots_}; }
  const Dir& dir() const { return dir_; }
  BadDrops& bad_drops() { return bad_drops_; }

  // Call it after an event in the folder: another pass follows the current one.
  void look() { look_ = true; }
  // Reads the next piece if no drop waits and there may be more. Returns true
  // if a drop waits or another piece must be read.
  bool fill();
  // The drop to decide next; nullptr: none.
  const std::string* front() const {
    return pending_.empty() ? nullptr : &pending_.front();
  }
  void pop() { pending_.pop_front(); }
  std::size_t waiting() const { return pending_.size(); }

 private:
  Dir dir_;
  Dir bad_;
  BadDrops bad_drops_;
  DirWalk walk_;
  std::deque<std::string> pending_;  // tokens
  uid_t owner_;
  bool roots_;
  bool look_ = true;
};

}  // namespace berth::runner
