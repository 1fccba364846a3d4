// SPDX-License-Identifier: GPL-2.0-or-later
// An exclusive flock on a file below lock/, which only berth can open: whoever
// can open a file, even read-only, can lock it and hold everybody up.
//
// The lock is the truth about who lives; the pid written into the file is for
// messages. Inherited descriptors keep the lock: a worker passes its job's
// lock on to its children on purpose (keep_in_children), everybody else must
// not.
#pragma once

#include <optional>
#include <string>

#include "base/dir.hpp"

namespace berth {

class Lock {
 public:
  // nullopt when somebody else holds it. Never waits.
  static std::optional<Lock> try_take(const Dir& dir, const std::string& name);
  // Who wrote their pid into the file last; for messages.
  static std::string owner(const Dir& dir, const std::string& name);
  // True when somebody holds it now.
  static bool held(const Dir& dir, const std::string& name);

  void keep_in_children();
  int fd() const { return fd_.get(); }

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace berth
