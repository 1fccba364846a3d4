// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/waiting_place.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"

namespace berth::web {

std::optional<WaitingPlace> WaitingPlace::take(const Dir& drop, int places) {
  Fd fd = drop.open(".waiters", O_RDWR | O_CREAT, 0600);
  if (!fd) throw_errno("open", drop.path_of(".waiters"));
  for (int i = 0; i < places; ++i) {
    struct flock byte {};
    byte.l_type = F_WRLCK;
    byte.l_whence = SEEK_SET;
    byte.l_start = i;
    byte.l_len = 1;
    if (::fcntl(fd.get(), F_OFD_SETLK, &byte) == 0) {
      return WaitingPlace(std::move(fd));
    }
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
      throw_errno("lock", drop.path_of(".waiters"));
    }
  }
  return std::nullopt;
}

}  // namespace berth::web
