// SPDX-License-Identifier: GPL-2.0-or-later
// At most half of the processes may wait for a receipt, so that the others
// are there for reads when berthd does not answer. A place is one byte of
// drop/.waiters, locked (OFD) by who waits: the kernel gives it back when the
// process dies, however it dies. The file belongs to the web user and berthd
// never opens it; berthd may remove it with other old dot files, and then the
// places are twice as many for the two seconds that the last waiters have.
#pragma once

#include <optional>

#include "base/dir.hpp"

namespace berth::web {

class WaitingPlace {
 public:
  // nullopt: all places are taken. Never waits.
  static std::optional<WaitingPlace> take(const Dir& drop, int places);

 private:
  explicit WaitingPlace(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace berth::web
