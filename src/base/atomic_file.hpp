// SPDX-License-Identifier: GPL-2.0-or-later
// A file that appears complete or not at all: it is written in the same
// directory under a name that starts with a dot, then renamed. Without commit()
// the destructor removes it.
//
// Durable: the file is fsynced before the rename and the directory after it, so
// that when commit() has returned, the new content survives a power failure.
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

  // The directory must outlive the file. `mode` is exact, whatever the umask.
  AtomicFile(const Dir& dir, std::string name, mode_t mode = 0640);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view data);
  // Returns false only with Collision::keep and if the name exists; then the
  // old content remains and the new is removed.
  bool commit(Sync sync, Collision collision = Collision::replace);

 private:
  const Dir& dir_;
  std::string name_;
  std::string temporary_;
  Fd fd_;
};

// The common case in one call.
void write_durably(const Dir& dir, const std::string& name,
                   std::string_view data, mode_t mode = 0640);

}  // namespace berth
