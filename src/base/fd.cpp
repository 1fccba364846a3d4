// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/fd.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"

namespace berth {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Fd::close() {
  // Linux closes the descriptor even if close returns EINTR: never close it
  // twice.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void write_all(int fd, std::string_view data, const std::string& subject) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("write", subject);
    data.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::optional<std::string> read_all(int fd, std::size_t cap,
                                    const std::string& subject) {
  std::string out;
  char buffer[16384];
  for (;;) {
    // One byte past the cap suffices to know that there are too many.
    const std::size_t want =
        std::min(sizeof buffer, cap + 1 - std::min(out.size(), cap));
    const ssize_t n = ::read(fd, buffer, want);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("read", subject);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
    if (out.size() > cap) return std::nullopt;
  }
}

void sync_fd(int fd, const std::string& subject) {
  while (::fsync(fd) != 0) {
    if (errno != EINTR) throw_errno("fsync", subject);
  }
}

}  // namespace berth
