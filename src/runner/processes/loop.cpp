// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/processes/loop.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace berth::runner {
namespace {

// The longest turn: the clocks must be checked regularly.
constexpr std::int64_t kLongestTurn = 1000;

}  // namespace

void Loop::watch(int fd, std::function<void(short)> ready) {
  watched_[fd] = std::move(ready);
}

void Loop::forget(int fd) { watched_.erase(fd); }

void Loop::wake_by(std::int64_t at) {
  wake_ = wake_ == 0 ? at : std::min(wake_, at);
}

void Loop::turn() {
  std::vector<pollfd> fds;
  for (const auto& [fd, ready] : watched_) fds.push_back({fd, POLLIN, 0});
  std::int64_t wait = kLongestTurn;
  if (wake_ != 0) wait = std::clamp<std::int64_t>(wake_ - monotonic_ms(), 0,
                                                  kLongestTurn);
  wake_ = 0;
  if (::poll(fds.data(), fds.size(), static_cast<int>(wait)) < 0) {
    if (errno == EINTR) return;
    throw_errno("poll", "berthd's descriptors");
  }
  for (const auto& fd : fds) {
    if (fd.revents == 0) continue;
    // An earlier callback of this turn may have called forget() for it.
    const auto found = watched_.find(fd.fd);
    if (found == watched_.end()) continue;
    const auto ready = found->second;
    ready(fd.revents);
  }
}

}  // namespace berth::runner
