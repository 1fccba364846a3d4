// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/process.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "worker/job/reason.hpp"

namespace berth::worker {
namespace {

void take(Fd& fd, std::string& into, std::size_t cap) {
  std::array<char, 16 * 1024> buffer;
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n < 0 && errno == EINTR) return;
  if (n <= 0) return fd.close();
  const auto size = static_cast<std::size_t>(n);
  if (into.size() < cap) {
    into.append(buffer.data(), std::min(size, cap - into.size()));
  }
}

}  // namespace

RunResult run_program(const std::vector<std::string>& argv,
                      const Confinement& confinement, Link& link,
                      Deadline deadline, std::size_t cap,
                      const std::map<int, int>& pass) {
  Pipe out = make_pipe(), err = make_pipe();
  ChildOptions options;
  options.stdout_fd = out.write.get();
  options.stderr_fd = err.write.get();
  options.pass = pass;
  options.confinement = confinement;
  Child child = Child::start(argv, options);
  out.write.close();
  err.write.close();
  RunResult result;
  while (out.read || err.read) {
    if (deadline.passed()) {
      result.timed_out = true;
      result.status = child.stop(2000);
      result.err = link.mask()(result.err);
      return result;
    }
    std::vector<pollfd> fds;
    for (const Fd* fd : {&out.read, &err.read}) {
      if (*fd) fds.push_back({fd->get(), POLLIN, 0});
    }
    link.wait(fds, deadline.left_ms());  // the child's destructor stops it
    for (const pollfd& ready : fds) {
      if (ready.revents == 0) continue;
      const bool is_out = out.read && ready.fd == out.read.get();
      take(is_out ? out.read : err.read, is_out ? result.out : result.err,
           cap);
    }
  }
  result.err = link.mask()(result.err);
  const auto status = child.wait(deadline.left_ms());
  result.timed_out = !status;
  result.status = status ? *status : child.stop(2000);
  return result;
}

std::string complaint(const RunResult& result) {
  if (result.timed_out) return "no answer in time";
  const std::string reason = reason_in(result.err);
  return reason.empty() ? result.status.text() : reason;
}

}  // namespace berth::worker
