// SPDX-License-Identifier: GPL-2.0-or-later
// The ledger where a job ends or goes back: its line, its hold, take-overs
// that waited for it, and out of active/.
#include <algorithm>

#include "base/log.hpp"
#include "runner/ledger.hpp"
#include "runner/spares.hpp"
#include "runner/summary.hpp"

namespace berth::runner {

void Ledger::requeue(LiveJob& live, bool counts) {
  if (live.job.cancel || transfers_.contains(live.job.id)) {
    JobResult result;
    result.outcome = "cancelled";
    result.detail = live.job.cancel
                        ? "cancelled by " + live.job.cancel->user
                        : "its server was taken over";
    const auto steps = live.steps;
    end(live.job.id, result, steps);
    return;
  }
  Job job = live.job;
  if (counts) ++job.attempt;
  job.started.reset();
  queue_.requeue(job);
  live.job = job;
  live.state = JobState::queued;
  live.past_cancel = false;
  live.steps.clear();
  world_.changes.all_of(job);
}

void Ledger::end(std::int64_t id, const JobResult& result_in_steps,
                 const std::vector<StepRecord>& steps) {
  const Job job = world_.jobs.at(id).job;
  JobResult result = result_in_steps;
  HistoryLine line;
  if (result.outcome != "succeeded" && result.outcome != "cancelled") {
    result.outcome = "failed";
  }
  if (!job.server.empty()) {
    line.hold = world_.servers[job.server].hold;
    line.configuration = world_.servers[job.server].configuration;
  }
  if (result.committed && !result.configuration.is_null()) {
    try {
      line.configuration = configuration_from_json(result.configuration);
    } catch (const JsonError& e) {
      log_error("job " + std::to_string(id) + ": its worker's configuration "
                "cannot be read: " + e.what());
      result.outcome = "failed";
      result.detail += " (what it put on the server could not be read)";
    }
  }
  line.at = world_.now;
  line.event = event_of(job, result.outcome);
  line.user = job.user;
  line.cause_job = id;
  line.job = summary_of(job, result, steps, world_.now);
  line.detail = std::string(line.job.at("detail").as_string());
  if (!outcome_of(job)) {
    if (job.server.empty()) {
      history_of(job).append(line);
    } else {
      write(job.server, line);
    }
    learn(line);
    remember(line);
  }
  // Also when it failed: what it left behind is tidy's to see.
  const std::string cluster = cluster_of(world_.config, job);
  if (!cluster.empty() && !steps.empty()) world_.changed[cluster] = world_.now;
  conclude(job, *outcome_of(job));
}

void Ledger::conclude(const Job& job, const std::string& outcome) {
  give_back(job, outcome);
  if (const auto found = transfers_.find(job.id); found != transfers_.end()) {
    for (const auto& transfer : found->second) carry_out(transfer);
    transfers_.erase(found);
  }
  queue_.remove(job.id);
  world_.jobs.erase(job.id);
  world_.changes.all_of(job);
}

// hold.release: the hold that came with this job goes with it, unless the
// holder has queued more.
void Ledger::give_back(const Job& job, const std::string& outcome) {
  if (job.server.empty()) return;
  const auto& hold = world_.servers[job.server].hold;
  if (!hold || hold->job != job.id) return;
  if (hold->release != "always" &&
      !(hold->release == "on_success" && outcome == "succeeded")) {
    return;
  }
  HistoryLine line;
  line.at = world_.now;
  line.event = "released";
  line.user = hold->user;
  line.cause_job = job.id;
  line.detail = "released after job " + std::to_string(job.id);
  for (const LiveJob* other : world_.jobs_on(job.server)) {
    if (other->job.id == job.id) continue;
    line.event = "extended";
    line.hold = hold;
    line.hold->job = other->job.id;
    line.detail = "to be released after job " + std::to_string(other->job.id);
  }
  line.configuration = world_.servers[job.server].configuration;
  write(job.server, std::move(line));
}

void Ledger::carry_out(const Transfer& transfer) {
  HistoryLine line;
  line.at = world_.now;
  line.event = "taken_over";
  line.user = transfer.user;
  line.detail = transfer.detail;
  line.cause_token = transfer.token;
  line.hold = transfer.hold;
  line.hold->since = world_.now;
  line.configuration = world_.servers[transfer.server].configuration;
  write(transfer.server, std::move(line));
  world_.servers[transfer.server].taken_over_by.clear();
}

// What later decisions and estimates go by.
void Ledger::learn(const HistoryLine& line) {
  const auto id = job_of_line(line);
  if (!id) return;
  world_.usual.learn(line.job);
  const std::string kind = text_in(line.job, "kind");
  const std::string application = text_in(line.job, "application");
  const std::string server = text_in(line.job, "server");
  if (kind == "refresh") {
    world_.last_refresh[application] = last_refresh_of(line);
  }
  if (kind == "spare") {
    // None made, though we counted one short: not at once again either.
    const json::value* made = line.job.as_object().if_contains("committed");
    const bool none = made && made->is_bool() && !made->get_bool();
    const std::string outcome = text_in(line.job, "outcome");
    note_spare(world_.spare_trouble[application],
               none && outcome == "succeeded" ? "failed" : outcome, line.at);
  }
  if (!server.empty()) {
    std::int64_t& highest = world_.highest_job[server];
    highest = std::max(highest, *id);
  }
}

// What readers see of a job from now on.
void Ledger::remember(const HistoryLine& line) {
  const auto id = job_of_line(line);
  if (!id) return;
  world_.changes.ended[*id] = json::serialize(ended_body(line, true));
  auto at = world_.ended.end();  // in order of number, not of their ends
  while (at != world_.ended.begin() && (at - 1)->id > *id) --at;
  world_.ended.insert(at, {*id, json::serialize(ended_body(line, false))});
  if (world_.ended.size() > kEndedListed) world_.ended.pop_front();
  const std::string server = text_in(line.job, "server");
  if (!server.empty()) world_.servers[server].last_job = last_job_of(line);
  world_.changes.places = true;  // usual durations
}

}  // namespace berth::runner
