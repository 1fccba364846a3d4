// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"

namespace berth {

std::optional<Lock> Lock::try_take(const Dir& dir, const std::string& name) {
  Fd fd = dir.open(name, O_RDWR | O_CREAT, 0600);
  if (!fd) throw_errno("open lock", dir.path_of(name));
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) throw_errno("lock", dir.path_of(name));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0) throw_errno("write", dir.path_of(name));
  write_all(fd.get(), pid, dir.path_of(name));
  return Lock(std::move(fd));
}

std::string Lock::owner(const Dir& dir, const std::string& name) {
  auto text = dir.read(name, 64).value_or("");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "an unknown process" : "process " + text;
}

bool Lock::held(const Dir& dir, const std::string& name) {
  Fd fd = dir.open(name, O_RDWR);
  if (!fd) return false;
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  throw_errno("lock", dir.path_of(name));
}

void Lock::keep_in_children() {
  const int flags = ::fcntl(fd_.get(), F_GETFD);
  if (flags < 0 || ::fcntl(fd_.get(), F_SETFD, flags & ~FD_CLOEXEC) < 0) {
    throw_errno("fcntl", "lock");
  }
}

}  // namespace berth
