// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth {

AtomicFile::AtomicFile(const Dir& dir, std::string name, mode_t mode)
    : dir_(dir), name_(std::move(name)) {
  temporary_ = "." + name_ + "." + random_hex(8);
  fd_ = dir_.open(temporary_, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!fd_) throw_errno("create", dir_.path_of(temporary_));
  if (::fchmod(fd_.get(), mode) != 0) {
    const int saved = errno;
    ::unlinkat(dir_.fd(), temporary_.c_str(), 0);
    errno = saved;
    throw_errno("chmod", dir_.path_of(temporary_));
  }
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlinkat(dir_.fd(), temporary_.c_str(), 0);
}

void AtomicFile::write(std::string_view data) {
  write_all(fd_.get(), data, dir_.path_of(name_));
}

bool AtomicFile::commit(Sync sync, Collision collision) {
  if (sync == Sync::durable) sync_fd(fd_.get(), dir_.path_of(temporary_));
  // A late write error (NFS, quota) is reported at close: before the rename.
  if (::close(fd_.release()) != 0 && errno != EINTR) {
    throw_errno("close", dir_.path_of(temporary_));
  }
  const unsigned flags = collision == Collision::keep ? RENAME_NOREPLACE : 0;
  if (::renameat2(dir_.fd(), temporary_.c_str(), dir_.fd(), name_.c_str(),
                  flags) != 0) {
    if (errno == EEXIST) return false;
    throw_errno("rename", dir_.path_of(temporary_) + " to " + name_);
  }
  temporary_.clear();
  if (sync == Sync::durable) dir_.sync();
  return true;
}

void write_durably(const Dir& dir, const std::string& name,
                   std::string_view data, mode_t mode) {
  AtomicFile file(dir, name, mode);
  file.write(data);
  file.commit(AtomicFile::Sync::durable);
}

}  // namespace berth
