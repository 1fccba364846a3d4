// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/admin_ssh.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::ctl {
namespace {

constexpr std::size_t kMostRead = 256 * 1024;
constexpr std::size_t kLongestLine = 1000;  // of stderr

// Copies to our stderr line by line, without characters that could control the
// terminal: the guest writes to it as well as ssh, whose questions go to the
// terminal itself.
class Complaints {
 public:
  ~Complaints() { end_line(); }
  void add(std::string_view text) {
    for (const char c : text) {
      if (c == '\n') {
        end_line();
      } else if (line_.size() <= kLongestLine && c != '\r') {
        line_ += c;
      }
    }
  }

 private:
  void end_line() {
    if (line_.empty()) return;
    std::fprintf(stderr, "%s\n", printable(line_, kLongestLine).c_str());
    line_.clear();
  }
  std::string line_;
};

// A child leads a process group of its own; to ask for a password at the
// terminal that must be the foreground group. We become it again at the end.
class InFront {
 public:
  explicit InFront(pid_t group)
      : terminal_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (!terminal_) return;
    before_ = ::tcgetpgrp(terminal_.get());
    if (before_ == ::getpgrp()) {
      put(group);
      // It may have asked before it was in the foreground, and been stopped for
      // that.
      ::kill(-group, SIGCONT);
    } else {
      terminal_.close();
    }
  }
  ~InFront() {
    if (terminal_) put(before_);
  }
  InFront(const InFront&) = delete;
  InFront& operator=(const InFront&) = delete;

 private:
  void put(pid_t group) const {
    const auto ours = ::signal(SIGTTOU, SIG_IGN);
    ::tcsetpgrp(terminal_.get(), group);
    ::signal(SIGTTOU, ours);
  }
  Fd terminal_;
  pid_t before_ = -1;
};

// A file in memory, so that input and output need no concurrent reading.
Fd file_with(const std::string& text) {
  Fd file(::memfd_create("berth", MFD_CLOEXEC));
  if (!file) throw_errno("make", "a file in memory");
  write_all(file.get(), text, "a file in memory");
  if (::lseek(file.get(), 0, SEEK_SET) != 0) throw_errno("rewind", "it");
  return file;
}

// The login's shell is the administrator's choice, so it gets only `sh -c` and
// one word. sudo clears the environment, but berth-enroll needs the address of
// the session.
std::string as_root(const std::string& command) {
  return "sh -c 'test $(id -u) = 0 && exec sh -c \"" + command +
         "\"; exec sudo -n env SSH_CONNECTION=\"$SSH_CONNECTION\" sh -c \"" +
         command + "\"'";
}

}  // namespace

RunResult run_as_admin(const std::string& login, const std::string& command,
                       const std::string& input, std::int64_t seconds) {
  const Fd in = file_with(input);
  ChildOptions options;
  options.stdin_fd = in.get();
  // No agent, X11 or port of the administrator's is forwarded to the guest.
  ChildOutput ssh({"ssh", "-T", "-a", "-x", "-o", "ClearAllForwardings=yes",
                   "--", login, as_root(command)},
                  options);
  const InFront in_front(ssh.child.pid());
  RunResult result;
  Complaints complaints;
  const std::int64_t end = monotonic_ms() + seconds * 1000;
  // A shared connection of ssh may keep stderr open after it exits.
  while (monotonic_ms() < end && ssh.open()) {
    auto fds = ssh.fds();
    if (::poll(fds.data(), fds.size(), 200) <= 0) {
      if (!ssh.out_open() && ssh.child.poll_exit()) break;
      continue;
    }
    ssh.read(fds, [&](bool error, std::string_view bytes) {
      if (error) {
        complaints.add(bytes);
      } else {
        append_up_to(kMostRead, bytes, result.out);
      }
    });
  }
  const auto status =
      ssh.child.wait(std::max<std::int64_t>(0, end - monotonic_ms()));
  result.timed_out = !status;
  result.status = status ? *status : ssh.child.stop(2000);
  return result;
}

}  // namespace berth::ctl
