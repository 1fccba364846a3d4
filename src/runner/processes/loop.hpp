// SPDX-License-Identifier: GPL-2.0-or-later
// The one poll() of berthd. Parts watch descriptors and say by when they want
// to be woken; after every turn the runner asks each part to tend to its work.
// So a part needs no timers of its own, and whatever an event started is
// carried on in one place.
//
// Rejected: callbacks that act on each other's parts in the middle of a turn,
// which makes the order of acts depend on the order of descriptors.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

namespace berth::runner {

class Loop {
 public:
  // `ready` is called with poll's revents. The caller keeps the descriptor and
  // forgets it before closing it.
  void watch(int fd, std::function<void(short)> ready);
  void forget(int fd);
  // The next turn ends by then (monotonic milliseconds), if not before.
  void wake_by(std::int64_t at);
  // Waits once and calls what is ready.
  void turn();

 private:
  std::map<int, std::function<void(short)>> watched_;
  std::int64_t wake_ = 0;  // 0: nobody asked
};

}  // namespace berth::runner
