// SPDX-License-Identifier: GPL-2.0-or-later
// A file that appears whole or not at all: written aside in the same
// directory under a name that starts with a dot, then renamed. Without
// commit() it vanishes with the object.
//
// Durable: the file is fsynced before the rename and the directory after it,
// so that commit() returning means that a power cut leaves the new content.
// Cached: neither; for state files, which berthd makes again at start.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/dir.hpp"

namespace berth {

class AtomicFile {
 public:
  enum class Sync { durable, cached };
  enum class Collision { replace, keep };

  // The directory must outlive the file. mode is exact, whatever the umask.
  AtomicFile(const Dir& dir, std::string name, mode_t mode = 0640);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view data);
  // False only with Collision::keep when the name is taken; the old content
  // then stands and the new vanishes.
  bool commit(Sync sync, Collision collision = Collision::replace);

 private:
  const Dir& dir_;
  std::string name_;
  std::string temporary_;
  Fd fd_;
};

// The usual case in one call.
void write_durably(const Dir& dir, const std::string& name,
                   std::string_view data, mode_t mode = 0640);

}  // namespace berth
