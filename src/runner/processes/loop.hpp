// SPDX-License-Identifier: GPL-2.0-or-later
// berthd's event loop, with its only poll(). Each part watches its descriptors
// and requests a time by which to wake up; after every turn the runner calls
// tend() of each part. So a part needs no timers, and work that an event
// started is continued in one place.
//
// Rejected: callbacks that call other parts during a turn, because the order of
// actions would depend on the order of the descriptors.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

namespace berth::runner {

class Loop {
 public:
  // `ready` is called with poll's revents. The caller owns the descriptor and
  // must call forget() before closing it.
  void watch(int fd, std::function<void(short)> ready);
  void forget(int fd);
  // The next turn ends by then (monotonic milliseconds) at the latest.
  void wake_by(std::int64_t at);
  // Waits once and calls the callbacks of the ready descriptors.
  void turn();

 private:
  std::map<int, std::function<void(short)>> watched_;
  std::int64_t wake_ = 0;  // 0: no time requested
};

}  // namespace berth::runner
