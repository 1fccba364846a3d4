// SPDX-License-Identifier: GPL-2.0-or-later
// A directory held open by its descriptor. Every name passed to it is one plain
// segment (no slash, not "." or ".."; else Error), and every call is an *at()
// call, so that nobody can exchange the directory between a check and a use.
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
  // Opens an existing directory; the last segment must not be a link.
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

  // The names in it, without "." and "..", sorted bytewise.
  std::vector<std::string> names() const;

  // Opens with O_CLOEXEC | O_NOFOLLOW added. Returns an empty Fd if the name
  // does not exist (ENOENT); throws on any other error.
  Fd open(const std::string& name, int flags, mode_t mode = 0) const;

  // The whole file; nullopt if it does not exist. Throws if it has more than
  // `cap` bytes or is not a regular file.
  std::optional<std::string> read(const std::string& name,
                                  std::size_t cap) const;

  std::optional<struct stat> stat(const std::string& name) const;
  bool exists(const std::string& name) const { return stat(name).has_value(); }

  // Returns false if the name does not exist.
  bool unlink(const std::string& name) const;
  // Removes an empty folder. Returns false if it is not empty or not a folder.
  bool remove_empty(const std::string& name) const;
  void rename(const std::string& from, const Dir& to,
              const std::string& name) const;
  // Makes a subdirectory if it does not exist.
  void make(const std::string& name, mode_t mode) const;
  // Makes what was created, renamed or unlinked in it durable.
  void sync() const;

 private:
  Fd fd_;
  std::string path_;
};

// Reads a folder in pieces, for folders in which others may create more names
// than fit in memory or can be read in one turn:
//
//   DirWalk walk(dir);
//   do { for (const auto& name : walk.next(2000)) ... } while (!walk.ended());
//
// A name that exists during the whole walk is returned once; a name that is
// created or removed meanwhile may be returned or not. There is no order. The
// Dir must outlive the walk.
class DirWalk {
 public:
  explicit DirWalk(const Dir& dir) : dir_(dir) {}
  // At most `most` further names; a call after the end begins again.
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
