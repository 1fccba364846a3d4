// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/request_deadline.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace berth::web {
namespace {

volatile sig_atomic_t limited_fd = -1;
volatile sig_atomic_t limit_passed = 0;

extern "C" void shut_down_request(int) {
  const int kept = errno;
  limit_passed = 1;
  ::shutdown(limited_fd, SHUT_RDWR);
  errno = kept;
}

}  // namespace

RequestDeadline::RequestDeadline(int fd, unsigned seconds) {
  limited_fd = fd;
  limit_passed = 0;
  struct sigaction action {};
  action.sa_handler = shut_down_request;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  ::alarm(seconds);
}

RequestDeadline::~RequestDeadline() {
  ::alarm(0);
  limited_fd = -1;
}

bool RequestDeadline::passed() const { return limit_passed != 0; }

}  // namespace berth::web
