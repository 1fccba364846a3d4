// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/dir.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace berth {
namespace {

const char* checked(const std::string& name) {
  if (name.empty() || name == "." || name == ".." ||
      name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    throw Error("use", "'" + name + "'", "not a plain file name");
  }
  return name.c_str();
}

Fd open_dir(int at, const char* name, const std::string& path) {
  Fd fd(::openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) throw_errno("open directory", path);
  return fd;
}

}  // namespace

Dir::Dir(const std::string& path)
    : fd_(open_dir(AT_FDCWD, path.c_str(), path)), path_(path) {}

Dir::Dir(const Dir& parent, const std::string& name)
    : fd_(open_dir(parent.fd(), checked(name), parent.path_of(name))),
      path_(parent.path_of(name)) {}

std::vector<std::string> Dir::names() const {
  DirWalk walk(*this);
  std::vector<std::string> out;
  do {
    for (auto& name : walk.next(SIZE_MAX)) out.push_back(std::move(name));
  } while (!walk.ended());
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> DirWalk::next(std::size_t most) {
  if (!stream_) {
    // A separate descriptor, because fdopendir takes it over and moves its
    // offset.
    Fd own(::openat(dir_.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!own) throw_errno("open directory", dir_.path());
    stream_.reset(::fdopendir(own.get()));
    if (!stream_) throw_errno("read directory", dir_.path());
    own.release();
  }
  std::vector<std::string> out;
  while (out.size() < most) {
    errno = 0;
    const dirent* entry = ::readdir(stream_.get());
    if (!entry) {
      const int why = errno;
      stream_.reset();
      errno = why;
      if (why != 0) throw_errno("read directory", dir_.path());
      break;
    }
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") out.emplace_back(name);
  }
  return out;
}

Fd Dir::open(const std::string& name, int flags, mode_t mode) const {
  for (;;) {
    Fd fd(::openat(fd_.get(), checked(name), flags | O_CLOEXEC | O_NOFOLLOW,
                   mode));
    if (!fd && errno == EINTR) continue;
    if (!fd && errno != ENOENT) throw_errno("open", path_of(name));
    return fd;
  }
}

std::optional<std::string> Dir::read(const std::string& name,
                                     std::size_t cap) const {
  // O_NONBLOCK: a FIFO planted under the name must not block us.
  Fd fd = open(name, O_RDONLY | O_NONBLOCK);
  if (!fd) return std::nullopt;
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) throw_errno("stat", path_of(name));
  if (!S_ISREG(st.st_mode)) {
    throw Error("read", path_of(name), "not a regular file");
  }
  auto text = read_all(fd.get(), cap, path_of(name));
  if (!text) {
    throw Error("read", path_of(name),
                "larger than " + std::to_string(cap) + " bytes");
  }
  return text;
}

std::optional<struct stat> Dir::stat(const std::string& name) const {
  struct stat st {};
  if (::fstatat(fd_.get(), checked(name), &st, AT_SYMLINK_NOFOLLOW) == 0) {
    return st;
  }
  if (errno == ENOENT) return std::nullopt;
  throw_errno("stat", path_of(name));
}

bool Dir::unlink(const std::string& name) const {
  if (::unlinkat(fd_.get(), checked(name), 0) == 0) return true;
  if (errno == ENOENT) return false;
  throw_errno("unlink", path_of(name));
}

bool Dir::remove_empty(const std::string& name) const {
  if (::unlinkat(fd_.get(), checked(name), AT_REMOVEDIR) == 0) return true;
  if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ||
      errno == ENOENT) {
    return false;
  }
  throw_errno("remove folder", path_of(name));
}

void Dir::rename(const std::string& from, const Dir& to,
                 const std::string& name) const {
  if (::renameat(fd_.get(), checked(from), to.fd(), checked(name)) != 0) {
    throw_errno("rename", path_of(from) + " to " + to.path_of(name));
  }
}

void Dir::make(const std::string& name, mode_t mode) const {
  if (::mkdirat(fd_.get(), checked(name), mode) != 0 && errno != EEXIST) {
    throw_errno("make directory", path_of(name));
  }
}

void Dir::sync() const { sync_fd(fd_.get(), path_); }

}  // namespace berth
