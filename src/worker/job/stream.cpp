// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/stream.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLongestRow = 64 * 1024;
constexpr std::int64_t kStreamTick = 1000;  // ms
constexpr const char* kTooLate = "the deadline passed";

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
  ChildOptions options;
  options.environment = environment;
  options.confinement = confinement;
  options.pass = pass;
  ChildOutput output(argv, options);
  StreamLines out, err;
  const StreamLines::Give give_out = [&](const std::string& line) {
    on_line(false, line);
  };
  const StreamLines::Give give_err = [&](const std::string& line) {
    on_line(true, link.mask()(line));
  };
  Deadline tick = Deadline::in_ms(kStreamTick);
  try {
    while (output.open()) {
      if (deadline.passed()) throw Error("run", argv[0], kTooLate);
      auto fds = output.fds();
      const std::int64_t left = deadline.left_ms();
      link.wait(fds, on_tick ? std::min(left, tick.left_ms()) : left);
      if (on_tick && tick.passed()) {
        on_tick();
        tick = Deadline::in_ms(kStreamTick);
      }
      output.read(fds, [&](bool error, std::string_view bytes) {
        StreamLines& lines = error ? err : out;
        const StreamLines::Give& give = error ? give_err : give_out;
        lines.take(bytes, give);
        if (bytes.empty()) lines.end(give);
      });
    }
    const auto status = output.child.wait(deadline.left_ms());
    if (status) return *status;
    throw Error("run", argv[0], kTooLate);
  } catch (const Error&) {
    output.child.stop(2000);
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
