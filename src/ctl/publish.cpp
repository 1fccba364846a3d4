// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl publish APP DATABASE [--data-at TIME]: submits it and stays until
// the job has ended, for a person or a script that wants to know.
#include <unistd.h>

#include <cstdio>

#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"
#include "ctl/submission.hpp"
#include "ctl/tail.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"

namespace berth::ctl {
namespace {

// VACUUM of a big database takes its time.
constexpr std::int64_t kPublishPatience = 6 * 3600;
constexpr useconds_t kLookAgainUs = 200'000;
constexpr std::size_t kTailLines = 20;

struct Asked {
  std::string application;
  std::string database;
  std::string data_at;  // empty: unknown
};

Asked asked_for(const Words& words) {
  Words plain;
  Asked asked;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "--data-at") {
      plain.push_back(words[i]);
      continue;
    }
    if (++i == words.size() || !parse_rfc3339(words[i])) {
      throw UsageError("--data-at takes a time as 2026-11-22T03:00:00Z");
    }
    asked.data_at = words[i];
  }
  if (plain.size() != 2) {
    throw UsageError("publish takes an application and a database");
  }
  asked.application = plain[0];
  asked.database = plain[1];
  return asked;
}

std::string text_of(const json::value& object, const char* name) {
  const json::value* found =
      object.is_object() ? object.get_object().if_contains(name) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : "";
}

void show_tail(const Layout& layout, std::int64_t id) {
  const std::string file = layout.log + "/" + std::to_string(id) + ".log";
  for (const auto& line : last_lines(file, kTailLines)) {
    std::fprintf(stderr, "  %s\n", line.c_str());
  }
}

// "job 12 STATE: DETAIL" as published; the state alone in `now`.
std::string job_line(const State& state, std::int64_t id, std::string& now) {
  const std::string name = std::to_string(id);
  const auto job = state.read_json("job/" + name + ".json");
  now = job ? text_of(*job, "state") : "";
  const std::string detail = job ? text_of(*job, "detail") : "";
  return "job " + name + " " + (now.empty() ? "waits" : now) +
         (detail.empty() ? "" : ": " + printable(detail, 1000));
}

}  // namespace

int publish(const Context& context, const Words& words) {
  const Asked asked = asked_for(words);
  const Config config = load_config(context.config_file);
  json::object arguments{{"database", asked.database}};
  if (!asked.data_at.empty()) arguments["data_at"] = asked.data_at;
  const Drop drop = root_drop("publish", asked.application, arguments);
  const auto receipt = submit_drop(config, drop, kReceiptPatience);
  const int told = tell(config, drop, receipt, Told::detail);
  if (told != kAccepted || !receipt->job) return told;
  const Layout layout(config.paths);
  const State state(layout.state);
  const std::int64_t patience =
      context.timeout > 0 ? context.timeout : kPublishPatience;
  const std::int64_t end = monotonic_ms() + patience * 1000;
  std::string now;
  for (;;) {
    const std::string line = job_line(state, *receipt->job, now);
    if (now == "succeeded") return std::printf("%s\n", line.c_str()) < 0;
    const bool over = now == "failed" || now == "cancelled";
    if (over || monotonic_ms() >= end) {
      show_tail(layout, *receipt->job);
      std::fprintf(stderr, "berthctl: %s%s\n", line.c_str(),
                   over ? "" : "; it goes on");
      return over ? kRefused : kTimedOut;
    }
    ::usleep(kLookAgainUs);
  }
}

}  // namespace berth::ctl
