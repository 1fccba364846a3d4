// SPDX-License-Identifier: GPL-2.0-or-later
// The ledger at start: everything that was true when berthd ended, however it
// ended.
#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "runner/ledger.hpp"
#include "runner/summary.hpp"

namespace berth::runner {
namespace {

// What a subject's tail is searched for: ended jobs and usual durations.
constexpr std::size_t kTail = 200;

}  // namespace

void Ledger::load() {
  world_.draining = lib_.exists("draining");
  std::vector<HistoryLine> ended;
  for (const auto& subject : list_histories(servers_dir_)) {
    load_history(servers_dir_, subject, true, ended);
  }
  for (const auto& subject : list_histories(applications_dir_)) {
    load_history(applications_dir_, subject, false, ended);
  }
  std::sort(ended.begin(), ended.end(),
            [](const HistoryLine& a, const HistoryLine& b) {
              return *job_of_line(a) < *job_of_line(b);
            });
  if (!ended.empty()) world_.last_number = *job_of_line(ended.back());
  if (ended.size() > kEndedKept) {
    ended.erase(ended.begin(),
                ended.end() - static_cast<std::ptrdiff_t>(kEndedKept));
  }
  for (const auto& line : ended) remember(line);
  load_jobs();
}

void Ledger::load_history(const Dir& dir, const std::string& subject,
                          bool server, std::vector<HistoryLine>& ended) {
  if (!(server ? is_server_name(subject) : is_application_name(subject))) {
    log_warning("history " + dir.path_of(subject) +
                ".jsonl: is no history of ours, ignored");
    return;
  }
  const auto& last = history(dir, subject).last();
  if (server && last) {
    world_.servers[subject].hold = last->hold;
    world_.servers[subject].configuration = last->configuration;
    world_.changes.servers.insert(subject);
  }
  for (const auto& raw : read_history(dir, subject, kTail, std::nullopt)) {
    try {
      HistoryLine line = history_line_from_json(parse_json(raw));
      if (job_of_line(line)) ended.push_back(std::move(line));
    } catch (const JsonError&) {
      // History itself told of it already.
    }
  }
}

void Ledger::load_jobs() {
  const auto active = queue_.active();
  for (const auto& job : active) {
    LiveJob& live = world_.jobs[job.id];
    live.job = job;
    live.state = JobState::unsettled;
    live.steps = read_steps(active_dir(), job.id);
    // A switch that began may have passed its commit point: only settling
    // tells, so a cancel comes too late.
    for (const auto& record : live.steps) {
      if (record.step == "switch") live.past_cancel = true;
    }
  }
  // A crash in the middle of queue -> active leaves both names: active wins.
  for (const auto& job : queue_.waiting()) {
    if (world_.jobs.contains(job.id)) continue;
    world_.jobs[job.id].job = job;
  }
  for (const auto& [id, live] : world_.jobs) {
    world_.last_number = std::max(world_.last_number, id);
    world_.changes.all_of(live.job.server, id);
    if (!live.job.server.empty()) world_.servers[live.job.server];
  }
}

void Ledger::carry_on() {
  std::vector<std::int64_t> ids;
  for (const auto& [id, live] : world_.jobs) ids.push_back(id);
  for (const std::int64_t id : ids) {
    LiveJob& live = world_.jobs.at(id);
    const Job job = live.job;
    const auto steps = live.steps;
    if (const auto outcome = outcome_of(job)) {
      conclude(job, *outcome);
    } else if (live.state == JobState::queued) {
      if (job.cancel) requeue(live);  // ends it
    } else if (const JobResult* result = result_in(steps)) {
      result->outcome == "requeue" ? requeue(live) : end(id, *result, steps);
    }
  }
}

}  // namespace berth::runner
