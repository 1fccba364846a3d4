// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/processes/inotify.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>

#include "base/error.hpp"

namespace berth::runner {

Fd open_inotify() {
  Fd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) throw_errno("open", "inotify");
  return fd;
}

int watch_folder(const Fd& inotify, const std::string& path, Folder what) {
  const std::uint32_t mask =
      what == Folder::writes ? IN_MODIFY
                             : IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB;
  const int watch =
      ::inotify_add_watch(inotify.get(), path.c_str(), mask | IN_ONLYDIR);
  if (watch < 0) throw_errno("watch", path);
  return watch;
}

std::vector<std::pair<int, std::string>> read_inotify(const Fd& inotify) {
  std::vector<std::pair<int, std::string>> out;
  alignas(inotify_event) char buffer[64 * 1024];
  const ssize_t n = ::read(inotify.get(), buffer, sizeof buffer);
  for (ssize_t at = 0; at < n;) {
    inotify_event event;
    std::memcpy(&event, buffer + at, sizeof event);
    const char* name = buffer + at + sizeof event;
    out.emplace_back(event.wd,
                     event.len > 0 ? std::string(name) : std::string());
    at += static_cast<ssize_t>(sizeof event + event.len);
  }
  return out;
}

}  // namespace berth::runner
