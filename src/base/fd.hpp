// SPDX-License-Identifier: GPL-2.0-or-later
// A descriptor that closes itself, and read and write calls that repeat after
// EINTR: libfcgi installs handlers without SA_RESTART, so any blocking call may
// be interrupted.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace berth {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void close();

 private:
  int fd_ = -1;
};

// Writes all of data or throws Error("write", subject, ...).
void write_all(int fd, std::string_view data, const std::string& subject);

// Reads to the end of file. nullopt if there are more than `cap` bytes.
std::optional<std::string> read_all(int fd, std::size_t cap,
                                    const std::string& subject);

// fsync, EINTR-safe; throws Error("fsync", subject, ...).
void sync_fd(int fd, const std::string& subject);

}  // namespace berth
