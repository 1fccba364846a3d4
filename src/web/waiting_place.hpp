// SPDX-License-Identifier: GPL-2.0-or-later
// Limits the processes that wait for a receipt to half of them, so that the
// others can answer reads when berthd does not answer. A place is one byte of
// drop/.waiters, locked (OFD) by the waiting process: the kernel releases it
// however the process ends. The file belongs to the web user, and berthd never
// opens it. berthd may remove it with other old dot files; then there are twice
// as many places for the two seconds that the last waiters have.
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
