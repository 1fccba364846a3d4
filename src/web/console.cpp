// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/console.hpp"

#include <signal.h>

#include <cerrno>
#include <utility>

#include "base/child.hpp"
#include "base/clock.hpp"
#include "web/problem.hpp"

namespace berth::web {
namespace {

constexpr std::int64_t kHeartbeatTooOld = 10;  // seconds; berthd beats every 2
constexpr std::int64_t kMarkAge = 250;         // milliseconds

// True if the process with this pid and start time certainly no longer exists.
// Where /proc hides other users' processes, EPERM still shows that the pid
// exists.
bool process_gone(std::int64_t pid, std::int64_t start_time) {
  const auto id = static_cast<pid_t>(pid);
  if (::kill(id, 0) != 0 && errno == ESRCH) return true;
  const auto seen = process_start_time(id);
  return seen && *seen != start_time;
}

[[noreturn]] void throw_unpublished() {
  throw Problem(503,
                "berthd has not published its state yet; start it, or try "
                "again in a moment",
                {}, {{"Retry-After", "2"}});
}

}  // namespace

Console::Console(Config config)
    : config_(std::move(config)),
      layout_(config_.paths),
      state_(layout_.state),
      published_(layout_.state) {}

Runner Console::runner() const {
  Runner runner;
  const auto health = state_.read_json("health.json");
  if (!health || !health->is_object()) {
    runner.detail = "berthd has never run; start it";
    return runner;
  }
  runner.health = health->get_object();
  if (string_or(runner.health, "runner", "") == "away") {
    runner.detail = "berthd is stopped; start it";
    return runner;
  }
  const std::int64_t pid = int64_or(runner.health, "pid", 0);
  if (pid > 0 &&
      process_gone(pid, int64_or(runner.health, "start_time", 0))) {
    runner.detail = "berthd is not running; start it";
    return runner;
  }
  const std::string as_of = string_or(runner.health, "as_of", "");
  const auto at = parse_rfc3339(as_of);
  if (!at || wall_now() - *at > kHeartbeatTooOld) {
    runner.detail = "berthd has not reported since " + as_of +
                    "; check its log";
    return runner;
  }
  runner.up = true;
  return runner;
}

bool Console::runner_up() {
  const std::int64_t now = monotonic_ms();
  if (asked_ms_ < 0 || now - asked_ms_ >= kMarkAge) {
    up_ = runner().up;
    asked_ms_ = now;
  }
  return up_;
}

std::shared_ptr<const StateBody> Console::resource(const std::string& name) {
  if (auto body = published_.read(state_, name)) return body;
  throw_unpublished();
}

json::value Console::resource_json(const std::string& name) const {
  auto value = state_.read_json(name);
  if (value) return *std::move(value);
  throw_unpublished();
}

}  // namespace berth::web
