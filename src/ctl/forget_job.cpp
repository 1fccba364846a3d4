// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl forget-job N [--yes]: gives up an unsettled job whose guest or
// cluster no longer exists. It writes the job's last record in place of its
// worker; berthd finds it at its next attempt, within a minute, writes the
// job's history line and releases what it held.
//
// The job's lock is held meanwhile, so that no worker begins to settle the job.
// berthd must report the job as unsettled: a queued job must be cancelled, and
// for a running one its worker must end.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/lock.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"
#include "ctl/confirm.hpp"
#include "ctl/follow.hpp"
#include "model/job_kind.hpp"
#include "model/outcome.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"
#include "store/steps.hpp"

namespace berth::ctl {
namespace {

// berthd's attempts are a minute apart
constexpr std::int64_t kForgetPatience = 90;
constexpr useconds_t kForgetPauseUs = 100'000;

std::int64_t job_in(const Words& words) {
  if (words.size() != 1) throw UsageError("forget-job accepts one job only");
  const std::string& number = words[0];
  const auto job = number_in(number, "", "");
  if (!job || number[0] == '0') {
    throw UsageError("forget-job requires a job number");
  }
  return *job;
}

json::object published(const State& state, const std::string& id) {
  const auto body = state.read_json("job/" + id + ".json");
  if (!body || !body->is_object()) {
    throw Error("forget", "job " + id, "no such job");
  }
  return body->get_object();
}

// A worker retries now and then, each time for as long as a connection without
// an answer takes.
Lock take(const Dir& locks, const std::string& id, std::int64_t seconds) {
  const std::string name = "job-" + id;
  const std::int64_t end = monotonic_ms() + seconds * 1000;
  while (locks.exists(name)) {
    if (auto lock = Lock::try_take(locks, name)) return *std::move(lock);
    if (monotonic_ms() >= end) {
      throw Error("forget", "job " + id,
                  Lock::owner(locks, name) + " works on it; try again when "
                                             "it is unsettled");
    }
    ::usleep(kForgetPauseUs);
  }
  throw Error("forget", "job " + id, "it never had a worker; cancel it");
}

// The step that did not end: the one in which the job is stuck.
std::string open_step(const std::vector<StepRecord>& records) {
  std::string open;
  for (const auto& record : records) {
    if (record.result) {
      throw Error("forget", "job", "it has ended; berthd will report it");
    }
    if (record.event == "start") open = record.step;
    if (record.event == "end" && record.step == open) open.clear();
  }
  return open;
}

// A build or an undo is stuck in its switch; the others have one such step.
std::string likely_step(JobKind kind) {
  const auto steps = steps_of(kind);
  const char* commits = row_of(kind).commit_step;
  if (std::find(steps.begin(), steps.end(), commits) != steps.end()) {
    return commits;
  }
  return steps.empty() ? "job" : steps.back();
}

void give_up(const Layout& layout, std::int64_t job, JobKind kind,
             std::int64_t seconds) {
  const std::string id = std::to_string(job);
  const Lock lock = take(Dir(layout.lock), id, seconds);
  const Dir active(layout.active);
  if (!active.exists(id + ".steps")) {
    throw Error("forget", "job " + id, "it has no worker");
  }
  const std::string step = open_step(read_steps(active, job));
  StepRecord last;
  last.step = "job";
  last.event = "end";
  last.result = JobResult{};
  last.result->outcome = Outcome::failed;
  last.result->failed_step = step.empty() ? likely_step(kind) : step;
  last.result->detail =
      "given up by root: its effect on guest and cluster is unknown";
  StepsWriter(active, job).append(last);
}

}  // namespace

int forget_job(const Context& context, const Words& words) {
  const std::int64_t job = job_in(words);
  const Config config = load_config(context.config_file);
  if (::geteuid() != 0) {
    throw Error("forget", "job", "run berthctl as root");
  }
  const std::string id = std::to_string(job);
  const Layout layout(config.paths);
  const json::object body = published(State(layout.state), id);
  const std::string state = string_or(body, "state", "");
  if (state != to_text(JobState::unsettled)) {
    throw Error("forget", "job " + id,
                "it is " + printable(state) + ", not unsettled" +
                    (state == to_text(JobState::queued) ? "; cancel it" : ""));
  }
  const std::string server = string_or(body, "server", "");
  std::printf("job %s on %s: %s\n", id.c_str(),
              server.empty() ? "no server" : printable(server).c_str(),
              printable(string_or(body, "detail", ""), 1000).c_str());
  if (!context.line.has("yes") &&
      !confirmed("If its guest returns, builds there are refused until root "
                 "has settled the job by hand (\"settle\" in berth-guest(8)).",
                 "job " + id, "to give it up, use --yes")) {
    return kRefused;
  }
  const std::int64_t seconds = patience(context, kForgetPatience);
  give_up(layout, job, job_kind_from_text(string_or(body, "kind", "")),
          seconds);
  const auto end = follow(config, job, seconds);
  std::printf("job %s %s: %s\n", id.c_str(), printable(end.state).c_str(),
              end.detail.c_str());
  if (end.ended() && !server.empty()) {
    std::printf("If builds on %s are now refused because of job %s, settle it "
                "there: see berth-guest(8)\n",
                printable(server).c_str(), id.c_str());
  }
  return end.ended() ? kAccepted : kTimedOut;
}

}  // namespace berth::ctl
