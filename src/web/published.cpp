// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/published.hpp"

#include <fcntl.h>

#include <utility>

#include "base/error.hpp"

namespace berth::web {
namespace {

bool same_time(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
         a.st_size == b.st_size && same_time(a.st_mtim, b.st_mtim);
}

}  // namespace

Published::Published(const std::string& state_dir) : dir_(state_dir) {}

std::shared_ptr<const StateBody> Published::read(const State& state,
                                                 const std::string& name) {
  const auto found = kept_.find(name);
  if (found != kept_.end()) {
    const auto now = dir_.stat(name);
    if (now && same_file(*now, found->second.seen)) return found->second.body;
    kept_.erase(found);
  }
  Kept next;
  next.file = dir_.open(name, O_RDONLY | O_NONBLOCK);
  if (!next.file) return nullptr;
  if (::fstat(next.file.get(), &next.seen) != 0) {
    throw_errno("stat", dir_.path_of(name));
  }
  auto body = state.read(name);
  if (!body) return nullptr;
  next.body = std::make_shared<const StateBody>(*std::move(body));
  // The bytes are those of that file only if the name had its inode before and
  // after.
  const auto after = dir_.stat(name);
  if (after && same_file(*after, next.seen) &&
      next.body->body.size() <= kLargestKept) {
    return (kept_[name] = std::move(next)).body;
  }
  return next.body;
}

}  // namespace berth::web
