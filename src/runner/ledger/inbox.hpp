// SPDX-License-Identifier: GPL-2.0-or-later
// One folder of submissions as the acceptor sees it: which drops wait in it, in
// the order of their arrival as far as the file system knows it.
//
// Who may write to the folder can put a million files there. So it is walked in
// pieces: of each, kNamesPerLook names at most are held, and the next piece is
// read when these are worked off. A flood makes the walk longer for the drops
// of that folder; it takes no memory, and no turn of the loop.
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
  Inbox(Inbox&&) = delete;  // its parts refer to one another

  DropFolder folder() const { return {dir_, owner_, roots_}; }
  const Dir& dir() const { return dir_; }
  BadDrops& bad_drops() { return bad_drops_; }

  // Something happened in it: begin another walk when this one is over.
  void look() { look_ = true; }
  // Reads the next piece when nothing waits and there may be more. True when
  // something waits, or a further piece is to be read.
  bool fill();
  // The one to be decided next, nullptr: none.
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
