// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest/guest_call.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace berth::worker {
namespace {

constexpr std::int64_t kGuestCancelGrace = 15 * 1000;  // 3 s to end, then KILL
constexpr std::size_t kErrorsKept = 4096;

void set_nonblocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

Child start(const std::vector<std::string>& command,
            const Confinement& confinement, Fd& in, Fd& out, Fd& err) {
  Pipe input = make_pipe(), output = make_pipe(), errors = make_pipe();
  ChildOptions options;
  options.stdin_fd = input.read.get();
  options.stdout_fd = output.write.get();
  options.stderr_fd = errors.write.get();
  options.confinement = confinement;
  Child child = Child::start(command, options);
  in = std::move(input.write);
  out = std::move(output.read);
  err = std::move(errors.read);
  for (const Fd* fd : {&in, &out, &err}) set_nonblocking(fd->get());
  return child;
}

// False at the end of the stream.
bool read_available(int fd, std::string& into) {
  std::array<char, 16 * 1024> buffer;
  while (true) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n > 0) {
      into.append(buffer.data(), static_cast<std::size_t>(n));
      if (into.size() > 2 * kLongestReply) return true;
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    return n < 0 && errno == EAGAIN;
  }
}

}  // namespace

GuestCall::GuestCall(const std::vector<std::string>& command,
                     const Confinement& confinement, std::string request,
                     Link& link, Report& report)
    : link_(link),
      reply_(report),
      request_(std::move(request)),
      child_(start(command, confinement, in_, out_, err_)) {}

void GuestCall::write_some() {
  while (in_ && written_ < request_.size()) {
    const ssize_t n = ::write(in_.get(), request_.data() + written_,
                              request_.size() - written_);
    if (n > 0) {
      written_ += static_cast<std::size_t>(n);
    } else if (n < 0 && errno == EAGAIN) {
      return;
    } else if (n >= 0 || errno != EINTR) {
      in_.close();  // closed by ssh; the reply or its absence shows why
    }
  }
}

void GuestCall::read_reply() {
  std::string more;
  if (!read_available(out_.get(), more)) out_.close();
  reply_.take(more);
}

void GuestCall::read_errors() {
  std::string more;
  if (!read_available(err_.get(), more)) err_.close();
  if (errors_.size() < kErrorsKept) errors_ += more.substr(0, kErrorsKept);
}

// Returns false when the reply, stderr and ssh have all ended.
bool GuestCall::step(std::int64_t timeout_ms, bool interruptible) {
  if (reply_.last()) in_.close();  // the reply is complete: end stdin
  if (!out_ && !err_) return !child_.wait(timeout_ms).has_value();
  std::vector<pollfd> fds;
  for (const Fd* fd : {&out_, &err_}) {
    if (*fd) fds.push_back({fd->get(), POLLIN, 0});
  }
  if (in_ && written_ < request_.size()) {
    fds.push_back({in_.get(), POLLOUT, 0});
  }
  if (interruptible) {
    link_.wait(fds, timeout_ms);
  } else {
    ::poll(fds.data(), fds.size(), static_cast<int>(timeout_ms));
  }
  write_some();
  if (out_) read_reply();
  if (err_) read_errors();
  return true;
}

void GuestCall::cancel() {
  in_.close();
  const Deadline grace = Deadline::in_ms(kGuestCancelGrace);
  while (!grace.passed() && step(std::min<std::int64_t>(500, grace.left_ms()),
                                 false)) {
  }
  child_.stop(1000);
}

ExitStatus GuestCall::finish(Deadline deadline) {
  try {
    while (step(std::min<std::int64_t>(1000, deadline.left_ms()), true)) {
      if (deadline.passed()) {
        cancel();
        throw SlowGuest();
      }
    }
  } catch (const Interrupted&) {
    cancel();
    throw;
  }
  return *child_.wait(0);
}

}  // namespace berth::worker
