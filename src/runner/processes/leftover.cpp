// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/processes/leftover.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/child.hpp"
#include "base/fd.hpp"

namespace berth::runner {

bool kill_leftover(const StartedBy& by) {
  if (by.pid <= 1) return false;
  const auto pid = static_cast<pid_t>(by.pid);
  // The descriptor is opened first and checked then: from here on the pid
  // cannot pass to another process unnoticed.
  const Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd || process_start_time(pid) != by.start_time) return false;
  pollfd dead{fd.get(), POLLIN, 0};
  if (::poll(&dead, 1, 0) > 0) return false;  // it only waits to be reaped
  if (::getpgid(pid) == pid) ::kill(-pid, SIGKILL);
  ::syscall(SYS_pidfd_send_signal, fd.get(), SIGKILL, nullptr, 0);
  return true;
}

}  // namespace berth::runner
