// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest_call.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kGuestCancelGrace = 15 * 1000;  // it has 3 s, then KILL
constexpr std::size_t kLongestReply = 256 * 1024;
constexpr std::size_t kErrorsKept = 4096;
// What one call may say: berth-guest itself keeps to less, but who is root on
// the guest can send anything for as long as the call may last.
constexpr std::size_t kMostLines = 10'000;
constexpr std::size_t kMostSaid = 1 << 20;

void set_nonblocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

Child start(const std::vector<std::string>& command, Fd& in, Fd& out,
            Fd& err) {
  Pipe input = make_pipe(), output = make_pipe(), errors = make_pipe();
  ChildOptions options;
  options.stdin_fd = input.read.get();
  options.stdout_fd = output.write.get();
  options.stderr_fd = errors.write.get();
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
                     std::string request, Link& link, Report& report)
    : link_(link),
      report_(report),
      request_(std::move(request)),
      child_(start(command, in_, out_, err_)) {}

void GuestCall::write_some() {
  while (in_ && written_ < request_.size()) {
    const ssize_t n = ::write(in_.get(), request_.data() + written_,
                              request_.size() - written_);
    if (n > 0) {
      written_ += static_cast<std::size_t>(n);
    } else if (n < 0 && errno == EAGAIN) {
      return;
    } else if (n >= 0 || errno != EINTR) {
      in_.close();  // it is gone; the reply or its absence says why
    }
  }
}

void GuestCall::log(const std::string& text) {
  if (lines_ > kMostLines || said_ > kMostSaid) return;
  ++lines_;
  said_ += one_line(text, text.size()).size();  // as the log has it
  report_.log(text);
  if (lines_ > kMostLines || said_ > kMostSaid) {
    report_.log("the guest says more than is kept: the rest is left out");
  }
}

void GuestCall::take_line(const std::string& line) {
  json::value value;
  try {
    value = parse_json(line);
  } catch (const JsonError&) {
    log("from the guest: " + line.substr(0, 1000));
    return;
  }
  if (!value.is_object()) return;
  const json::object& object = value.as_object();
  if (const auto* progress = object.if_contains("progress")) {
    if (progress->is_object()) {
      report_.progress(progress_from_json(progress->as_object()));
    }
  } else if (const auto* text = object.if_contains("log")) {
    if (text->is_string()) log(std::string(text->as_string()));
  } else if (object.contains("ok")) {
    last_ = object;
  }
}

void GuestCall::read_reply() {
  if (!read_available(out_.get(), partial_)) out_.close();
  std::size_t begin = 0;
  for (std::size_t end; (end = partial_.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    take_line(partial_.substr(begin, end - begin));
  }
  partial_.erase(0, begin);
  if (partial_.size() > kLongestReply) {
    throw Away("read the reply of", "the guest", "a line without an end");
  }
}

void GuestCall::read_errors() {
  std::string more;
  if (!read_available(err_.get(), more)) err_.close();
  if (errors_.size() < kErrorsKept) errors_ += more.substr(0, kErrorsKept);
}

// One round; false when the reply, the errors and ssh have all ended.
bool GuestCall::step(std::int64_t timeout_ms, bool interruptible) {
  if (last_) in_.close();  // the reply is whole: stdin may end now
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
