// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLongestRow = 64 * 1024;
constexpr std::int64_t kStreamTick = 1000;  // ms
constexpr const char* kTooLate = "the deadline passed";

struct Source {
  explicit Source(Pipe& pipe) : fd(std::move(pipe.read)) {}

  void take(const StreamLines::Give& give) {
    std::array<char, 16 * 1024> buffer;
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) {
      fd.close();
      lines.end(give);
      return;
    }
    lines.take({buffer.data(), static_cast<std::size_t>(n)}, give);
  }

  Fd fd;
  StreamLines lines;
};

}  // namespace

void StreamLines::take(std::string_view bytes, const Give& give) {
  for (const char c : bytes) {
    if (c != '\n' && c != '\r') {
      if (rest_.size() < kLongestRow) rest_.push_back(c);
    } else {
      end(give);
    }
  }
}

void StreamLines::end(const Give& give) {
  if (!rest_.empty()) give(rest_);
  rest_.clear();
}

ExitStatus run_streamed(const std::vector<std::string>& argv,
                        const std::vector<std::string>& environment,
                        const Confinement& confinement, Link& link,
                        Deadline deadline, const OnLine& on_line,
                        const std::function<void()>& on_tick,
                        const std::map<int, int>& pass) {
  Pipe out_pipe = make_pipe(), err_pipe = make_pipe();
  ChildOptions options;
  options.stdout_fd = out_pipe.write.get();
  options.stderr_fd = err_pipe.write.get();
  options.environment = environment;
  options.confinement = confinement;
  options.pass = pass;
  Child child = Child::start(argv, options);
  out_pipe.write.close();
  err_pipe.write.close();
  Source out(out_pipe), err(err_pipe);
  Deadline tick = Deadline::in_ms(kStreamTick);
  try {
    while (out.fd || err.fd) {
      if (deadline.passed()) throw Error("run", argv[0], kTooLate);
      std::vector<pollfd> fds;
      for (const Source* source : {&out, &err}) {
        if (source->fd) fds.push_back({source->fd.get(), POLLIN, 0});
      }
      const std::int64_t left = deadline.left_ms();
      link.wait(fds, on_tick ? std::min(left, tick.left_ms()) : left);
      if (on_tick && tick.passed()) {
        on_tick();
        tick = Deadline::in_ms(kStreamTick);
      }
      for (const pollfd& ready : fds) {
        if (ready.revents == 0) continue;
        const bool error = !out.fd || ready.fd != out.fd.get();
        (error ? err : out).take([&](const std::string& line) {
          on_line(error, error ? link.mask()(line) : line);
        });
      }
    }
    if (const auto status = child.wait(deadline.left_ms())) return *status;
    throw Error("run", argv[0], kTooLate);
  } catch (const Error&) {
    child.stop(2000);
    throw;
  }
}

std::vector<std::string> environment_with(
    const std::map<std::string, std::string>& changes) {
  std::vector<std::string> out;
  for (char** entry = ::environ; *entry; ++entry) {
    const std::string text = *entry;
    if (!changes.contains(text.substr(0, text.find('=')))) out.push_back(text);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) out.push_back(name + "=" + value);
  }
  return out;
}

}  // namespace berth::worker
