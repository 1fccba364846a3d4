// SPDX-License-Identifier: GPL-2.0-or-later
// An exclusive flock on a file in lock/, which only berth can open: whoever can
// open a file, even read-only, can lock it and block everybody else.
//
// The lock decides which process runs; the pid written into the file is for
// messages only. Inherited descriptors keep the lock: a worker passes its job's
// lock to its children on purpose (keep_in_children), no other program may.
#pragma once

#include <optional>
#include <string>

#include "base/dir.hpp"

namespace berth {

class Lock {
 public:
  // nullopt if another process holds it. Never waits.
  static std::optional<Lock> try_take(const Dir& dir, const std::string& name);
  // The process that last wrote its pid into the file; for messages.
  static std::string owner(const Dir& dir, const std::string& name);
  // Whether a process holds it now.
  static bool held(const Dir& dir, const std::string& name);

  void keep_in_children();
  int fd() const { return fd_.get(); }

 private:
  explicit Lock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace berth
