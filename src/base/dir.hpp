// SPDX-License-Identifier: GPL-2.0-or-later
// A directory held open by descriptor. Every name given to it is one plain
// segment (no slash, not "." or ".."; else Error), and every call is an *at()
// call, so that nobody can move the ground between a check and a use.
#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"

namespace berth {

class Dir {
 public:
  // Opens an existing directory; the last segment may not be a link.
  explicit Dir(const std::string& path);
  Dir(const Dir& parent, const std::string& name);
  Dir(Dir&&) = default;
  Dir& operator=(Dir&&) = default;

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  // For messages only.
  std::string path_of(const std::string& name) const {
    return path_ + "/" + name;
  }

  // Names in it, without "." and "..", sorted bytewise.
  std::vector<std::string> names() const;

  // Opens with O_CLOEXEC | O_NOFOLLOW added. An Fd that is false when the
  // name is not there (ENOENT); throws on anything else.
  Fd open(const std::string& name, int flags, mode_t mode = 0) const;

  // The whole file, nullopt when it is not there. More than `cap` bytes, or
  // something that is no regular file, throws.
  std::optional<std::string> read(const std::string& name,
                                  std::size_t cap) const;

  std::optional<struct stat> stat(const std::string& name) const;
  bool exists(const std::string& name) const { return stat(name).has_value(); }

  // False when it was not there.
  bool unlink(const std::string& name) const;
  // A folder with nothing in it. False when it has something or is none.
  bool remove_empty(const std::string& name) const;
  void rename(const std::string& from, const Dir& to,
              const std::string& name) const;
  // Makes a subdirectory if it is missing.
  void make(const std::string& name, mode_t mode) const;
  // Makes what was created, renamed or unlinked in it durable.
  void sync() const;

 private:
  Fd fd_;
  std::string path_;
};

// A walk over a folder in pieces, where others may put more names than one
// would hold in memory or read in one turn:
//
//   DirWalk walk(dir);
//   do { for (const auto& name : walk.next(2000)) ... } while (!walk.ended());
//
// What is there from a walk's beginning to its end is met once; what comes or
// goes meanwhile may be met or not. In no order. The Dir must outlive it.
class DirWalk {
 public:
  explicit DirWalk(const Dir& dir) : dir_(dir) {}
  // At most `most` further names; after the end the next call begins again.
  std::vector<std::string> next(std::size_t most);
  bool ended() const { return !stream_; }

 private:
  struct Close {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  const Dir& dir_;
  std::unique_ptr<DIR, Close> stream_;
};

}  // namespace berth
