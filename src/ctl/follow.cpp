// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/follow.hpp"

#include <unistd.h>

#include <cstdio>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "ctl/tail.hpp"
#include "model/job.hpp"
#include "model/outcome.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"

namespace berth::ctl {
namespace {

constexpr useconds_t kFollowPauseUs = 200'000;
constexpr std::size_t kTailLines = 20;

std::string running_step(const json::value& job) {
  const json::array* steps = if_array(job, "steps");
  if (!steps) return "";
  for (const auto& step : *steps) {
    if (string_or(step, "state", "") == "running") {
      return string_or(step, "name", "");
    }
  }
  return "";
}

}  // namespace

bool Followed::ended() const {
  return is_end(state);
}

bool Followed::succeeded() const {
  return outcome_from_text(state) == Outcome::succeeded;
}

Followed follow(const Config& config, std::int64_t job, std::int64_t seconds,
                bool show_steps) {
  const State state(Layout(config.paths).state);
  const std::string file = "job/" + std::to_string(job) + ".json";
  const std::int64_t end = monotonic_ms() + seconds * 1000;
  Followed seen;
  std::string shown;
  for (;;) {
    const auto published = state.read_json(file);
    if (published && published->is_object()) {
      seen.state = string_or(*published, "state", "");
      seen.detail = printable(string_or(*published, "detail", ""), 1000);
      const std::string step = running_step(*published);
      if (show_steps && !step.empty() && step != shown) {
        std::printf("  %s\n", printable(step).c_str());
        std::fflush(stdout);
        shown = step;
      }
    }
    if (seen.ended() || monotonic_ms() >= end) return seen;
    ::usleep(kFollowPauseUs);
  }
}

void show_log(const Config& config, std::int64_t job, std::FILE* out) {
  const std::string file =
      Layout(config.paths).log + "/" + std::to_string(job) + ".log";
  for (const auto& line : last_lines(file, kTailLines)) {
    std::fprintf(out, "  %s\n", line.c_str());
  }
}

int tell_end(const Config& config, std::int64_t job, const Followed& end) {
  const std::string line =
      job_text(job) + " " +
      (end.state.empty() ? "is waiting" : printable(end.state)) +
      (end.detail.empty() ? "" : ": " + end.detail);
  if (end.succeeded()) {
    return std::printf("%s\n", line.c_str()) < 0 ? kRefused : kAccepted;
  }
  show_log(config, job, stderr);
  std::fprintf(stderr, "berthctl: %s%s\n", line.c_str(),
               end.ended() ? "" : "; it continues");
  return end.ended() ? kRefused : kTimedOut;
}

}  // namespace berth::ctl
