// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the ledger that reads the files at start, in whatever way the
// last berthd ended.
#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "runner/ledger/ledger.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

// Lines at the end of each history that are searched for ended jobs and usual
// durations.
constexpr std::size_t kTail = 200;
constexpr std::size_t kRefreshes = 10;  // as many as Usual remembers

bool is_ours(bool good, const Dir& dir, const std::string& subject) {
  if (!good) {
    log_warning("history " + dir.path_of(subject) +
                ".jsonl: ignored: not a history of Berth");
  }
  return good;
}

// False for a line that ends no job or cannot be read; History has already
// logged that.
bool take(const std::string& raw,
          std::map<std::int64_t, HistoryLine>& ended) {
  try {
    HistoryLine line = history_line_from_json(parse_json(raw));
    const auto id = job_of_line(line);
    if (id) ended.emplace(*id, std::move(line));
    return id.has_value();
  } catch (const JsonError&) {
    return false;
  }
}

}  // namespace

void Ledger::load() {
  world_.draining = lib_.exists("draining");
  Ended ended;  // by number
  for (const auto& subject : list_histories(servers_.dir)) {
    if (is_ours(is_server_name(subject), servers_.dir, subject)) {
      load_server(subject, ended);
    }
  }
  for (const auto& subject : list_histories(applications_.dir)) {
    if (is_ours(is_application_name(subject), applications_.dir, subject)) {
      load_application(subject, ended);
    }
  }
  for (const auto& subject : list_histories(clusters_.dir)) {
    if (is_ours(is_config_name(subject), clusters_.dir, subject)) {
      load_tail(clusters_, subject, ended);
    }
  }
  const auto looks = [](const HistoryLine& line) {
    return only_looks(kind_in(line.job));
  };
  std::size_t left[2] = {0, 0};  // [1]: of previews and checks
  for (const auto& [id, line] : ended) ++left[looks(line)];
  for (const auto& [id, line] : ended) {
    world_.last_number = std::max(world_.last_number, id);
    learn(line);
    if (left[looks(line)]-- <= kEndedKept) remember(line);
  }
  load_jobs();
  load_log_names();
  load_checks();
}

// Reads the checks of servers with a configuration; an unreadable one is
// removed and made again.
void Ledger::load_checks() {
  for (auto& [name, server] : world_.servers) {
    if (!server.configuration) continue;
    try {
      server.check = read_check(checks_, name);
    } catch (const std::exception& e) {
      log_warning(name + ": cannot read its check: " + e.what());
      checks_.unlink(name + ".json");
    }
  }
}

void Ledger::load_server(const std::string& subject, Ended& ended) {
  const History& history = servers_.of(subject);
  std::int64_t& highest = world_.highest_job[subject];
  highest = history.highest_job();
  if (const auto& last = history.last()) {
    Server& server = world_.servers[subject];
    server.hold = last->hold;
    server.history_seq = last->seq;
    server.configuration = last->configuration;
    server.last_switch = read_last_switch(servers_.dir, subject);
    server.faulty = was_faulty(subject);
    if (server.configuration) {
      highest = std::max(highest, server.configuration->job);
    }
    world_.changes.servers.insert(subject);
  }
  world_.last_number = std::max(world_.last_number, highest);
  load_tail(servers_, subject, ended);
}

// The newest line of a job that blamed the server or did something on it, as
// end() evaluates it. A job that was cancelled, or failed for another reason,
// proves neither.
bool Ledger::was_faulty(const std::string& server) const {
  constexpr std::size_t kLinesBack = 50;
  for (const auto& raw :
       read_history(servers_.dir, server, kLinesBack, std::nullopt)) {
    try {
      const HistoryLine line = history_line_from_json(parse_json(raw));
      if (line.event == to_text(Event::build_moved)) return true;
      if (!job_of_line(line)) continue;
      if (!string_or(line.job, "faulty_server", "").empty()) return true;
      if (outcome_in(line.job) == Outcome::succeeded ||
          bool_or(line.job, "committed", false)) {
        return false;
      }
    } catch (const JsonError&) {
      continue;
    }
  }
  return false;
}

// Spares fill the end of an application's history, so its refreshes are
// searched further back, by their event, which is near the front of a line.
void Ledger::load_application(const std::string& subject, Ended& ended) {
  world_.last_number = std::max(world_.last_number,
                                applications_.of(subject).highest_job());
  load_tail(applications_, subject, ended);
  std::size_t found = 0;
  walk_history(applications_.dir, subject, [&](const std::string& raw) {
    if (raw.substr(0, 120).find("\"event\":\"refresh") == std::string::npos) {
      return true;
    }
    return !take(raw, ended) || ++found < kRefreshes;
  });
}

void Ledger::load_tail(const Histories& all, const std::string& subject,
                       Ended& ended) {
  for (const auto& raw :
       read_history(all.dir, subject, kTail, std::nullopt)) {
    take(raw, ended);
  }
}

// Every job has a log: a number that only a log has was assigned.
void Ledger::load_log_names() {
  for (const auto& name : Dir(log_).names()) {
    if (const auto id = number_in(name, "", ".log")) {
      world_.last_number = std::max(world_.last_number, *id);
    }
  }
}

void Ledger::load_jobs() {
  std::vector<BadJob> bad;
  const auto active = queue_.active(&bad);
  for (const auto& job : active) {
    LiveJob& live = world_.jobs[job.id];
    live.job = job;
    live.state = JobState::unsettled;
    try {
      live.steps = read_steps(active_dir(), job.id);
    } catch (const Error& e) {
      // This concerns one job: it may have passed its commit point.
      live.past_cancel = true;
      log_error(e.what());
    }
    // Only settling can find out whether a job passed its commit point, so a
    // cancel is refused.
    const std::string_view commits = row_of(job.kind).commit_step;
    for (const auto& record : live.steps) {
      if (record.step == commits) live.past_cancel = true;
      // A snapshot job asks before it calls its host.
      const bool begun = if_contains(record.note, "told") != nullptr;
      if (begun && job.kind == JobKind::snapshot) live.past_cancel = true;
    }
  }
  // A crash between queue and active leaves both names: active counts.
  for (const auto& job : queue_.waiting(&bad)) {
    if (world_.jobs.contains(job.id)) continue;
    world_.jobs[job.id].job = job;
  }
  // Its number was assigned. The job does not run, and the file is left for an
  // admin.
  for (const BadJob& one : bad) {
    world_.last_number = std::max(world_.last_number, one.number);
    log_error("cannot read a job, its file is left as it is: " + one.text);
  }
  for (const auto& [id, live] : world_.jobs) {
    world_.last_number = std::max(world_.last_number, id);
    world_.changes.all_of(live.job);
    if (!live.job.server.empty()) world_.servers[live.job.server];
  }
}

void Ledger::carry_on() {
  std::vector<std::int64_t> ids;
  for (const auto& [id, live] : world_.jobs) ids.push_back(id);
  for (const std::int64_t id : ids) {
    // An error concerns this job only: it stays in active/ and is retried like
    // a job that ends while berthd runs.
    try {
      carry_on(id);
    } catch (const Error& e) {
      log_error(job_text(id) + ": cannot end it:  " + e.what());
    }
  }
}

void Ledger::carry_on(std::int64_t id) {
  LiveJob& live = world_.jobs.at(id);
  const Job job = live.job;
  const auto steps = live.steps;
  if (const auto outcome = outcome_of(job)) {
    conclude(job, *outcome);
  } else if (live.state == JobState::queued) {
    if (job.cancel) requeue(live);  // ends it
  } else if (const JobResult* result = result_in(steps)) {
    result->outcome == Outcome::requeue ? requeue(live)
                                        : end(id, *result, steps);
  }
}

}  // namespace berth::runner
