// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the ledger that ends or requeues a job: its line, its hold, the
// take-overs that waited for it, and its removal from active/.
#include <algorithm>

#include "base/log.hpp"
#include "runner/decide/spares.hpp"
#include "runner/ledger/ledger.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

constexpr Instant kCheckPause = 3600;

}  // namespace

void Ledger::requeue(LiveJob& live, bool counts) {
  if (const JobResult* last = result_in(live.steps); last && last->reverted) {
    forget_check(live.job.server);
    note_reverted(live.job, *last->reverted);
  }
  if (live.job.cancel || transfers_.contains(live.job.id)) {
    const JobResult result{.outcome = Outcome::cancelled,
                           .detail = live.job.cancel
                                         ? "cancelled by " +
                                               live.job.cancel->user
                                         : "its server was taken over"};
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
  if (!outcome_of(job) && go_on_elsewhere(job, result, steps)) return;
  HistoryLine line;
  if (result.outcome != Outcome::succeeded &&
      result.outcome != Outcome::cancelled) {
    result.outcome = Outcome::failed;
  }
  // If the job did more after the revert, the revert has a line of its own.
  const bool reverts = job.kind == JobKind::snapshot;
  if (result.reverted && !job.server.empty()) forget_check(job.server);
  if (result.reverted && !job.server.empty() && !reverts) {
    note_reverted(job, *result.reverted);
  }
  if (on_server(job)) {
    line.hold = world_.servers[job.server].hold;
    line.configuration = world_.servers[job.server].configuration;
  }
  if (result.reverted && reverts) {
    line.configuration = configuration_after(job, *result.reverted);
  }
  if (result.committed && !result.configuration.is_null()) {
    try {
      line.configuration =
          optional_from_json<Configuration>(result.configuration);
    } catch (const JsonError& e) {
      log_error(job_text(id) + ": cannot read the configuration "
                "that its worker reported: " + e.what());
      result.outcome = Outcome::failed;
      result.detail += " (the configuration it reported cannot be read)";
    }
  }
  // The server no longer exists, so it has neither hold nor configuration.
  if (job.kind == JobKind::retire && result.committed) {
    line.hold.reset();
    line.configuration.reset();
  }
  if (on_server(job)) {
    if (end_made_hold(job, result, steps, line)) {
      result.detail += "; " + job.server + " is released";
    }
    Server& server = world_.servers[job.server];
    if (result.outcome == Outcome::succeeded || result.committed) {
      server.faulty = false;
    } else if (result.faulty_server == job.server) {
      server.faulty = true;
    }
  }
  line.at = world_.now;
  line.event = event_of(job, result.outcome);
  line.user = job.user;
  line.cause_job = id;
  line.job = summary_of(job, result, steps, world_.now);
  line.detail = std::string(line.job.at("detail").as_string());
  if (!has_line(job)) {
    take_check(job, result.outcome);
    // berthd's own jobs would displace people's jobs in the lists.
    if (job.user != "berth") remember(line);
    return conclude(job, result.outcome);
  }
  if (!outcome_of(job)) {
    if (!fits(line)) shorten(line);
    if (on_server(job)) {
      write(job.server, line);
    } else {
      history_of(job).append(line);
    }
    learn(line);
    if (result.base && result.committed) show_base(job, *result.base);
    remember(line);
  }
  // Also if it failed: tidy must see what it left behind.
  const std::string cluster = cluster_of(world_.config, job);
  if (!cluster.empty() && !steps.empty()) world_.changed[cluster] = world_.now;
  conclude(job, *outcome_of(job));
}

// Replaces a line that is too long for its history: the job ends nevertheless,
// as failed, and the configuration that it reported is not recorded.
void Ledger::shorten(HistoryLine& line) const {
  const std::int64_t id = line.cause_job.value_or(0);
  const Job& job = world_.jobs.at(id).job;
  log_error(job_text(id) + ": its history line is too long");
  const JobResult result{
      .detail = "the result of its worker is too long to be recorded"};
  line.event = event_of(job, result.outcome);
  line.configuration.reset();
  if (on_server(job)) {
    line.configuration = world_.servers.at(job.server).configuration;
  }
  line.job = summary_of(job, result, {}, world_.now);
  line.detail = result.detail;
  if (!fits(line)) line.configuration.reset();
}

// nullopt: no configuration, or it is unknown.
std::optional<Configuration> Ledger::configuration_after(
    const Job& job, const Reverted& reverted) {
  try {
    return optional_from_json<Configuration>(reverted.configuration);
  } catch (const JsonError& e) {
    log_error(job_text(job.id) + ": cannot read the "
              "configuration in the snapshot: " + e.what());
    return std::nullopt;
  }
}

// A job reverted a server to a snapshot and continued: the line of the revert
// is written once, however often the job is requeued.
void Ledger::note_reverted(const Job& job, const Reverted& reverted) {
  HistoryLine line;
  line.at = world_.now;
  line.event = to_text(Event::reverted);
  line.user = job.user;
  line.cause_job = job.id;
  line.detail = reverted.detail;
  if (history_of(job).has_cause(line)) return;
  line.hold = world_.servers[job.server].hold;
  line.configuration = configuration_after(job, reverted);
  write(job.server, std::move(line));
}

void Ledger::conclude(const Job& job, Outcome outcome) {
  give_back(job, outcome);
  if (const auto found = transfers_.find(job.id); found != transfers_.end()) {
    for (const auto& transfer : found->second) carry_out(transfer);
    transfers_.erase(found);
  }
  queue_.remove(job.id);
  world_.jobs.erase(job.id);
  world_.changes.all_of(job);
}

// The server was reverted: its check is of another state.
void Ledger::forget_check(const std::string& server) {
  world_.servers[server].check.reset();
  checks_.unlink(server + ".json");
}

// Takes over what a check's worker wrote, or sets when the next check may
// start.
void Ledger::take_check(const Job& job, Outcome outcome) {
  const auto found = world_.servers.find(job.server);
  if (found == world_.servers.end()) return;
  Server& server = found->second;
  server.next_check = world_.now + kCheckPause;
  world_.changes.servers.insert(job.server);
  if (outcome != Outcome::succeeded) return;
  try {
    server.check = read_check(checks_, job.server);
  } catch (const std::exception& e) {
    log_error(job.server + ": cannot read its check: " + e.what());
  }
}

// hold.release: the hold that came with this job is released with it, unless
// the holder has queued more jobs.
void Ledger::give_back(const Job& job, Outcome outcome) {
  if (job.server.empty()) return;
  const auto& hold = world_.servers[job.server].hold;
  if (!hold || hold->job != job.id) return;
  if (hold->release != "always" &&
      !(hold->release == "on_success" && outcome == Outcome::succeeded)) {
    return;
  }
  HistoryLine line;
  line.at = world_.now;
  line.event = to_text(Event::released);
  line.user = hold->user;
  line.cause_job = job.id;
  line.detail = "released after " + job_text(job.id);
  for (const LiveJob* other : world_.jobs_on(job.server)) {
    if (other->job.id == job.id) continue;
    line.event = to_text(Event::extended);
    line.hold = hold;
    line.hold->job = other->job.id;
    line.detail = "to be released after " + job_text(other->job.id);
  }
  line.configuration = world_.servers[job.server].configuration;
  write(job.server, std::move(line));
}

void Ledger::carry_out(const Transfer& transfer) {
  HistoryLine line;
  line.at = world_.now;
  line.event = to_text(Event::taken_over);
  line.user = transfer.user;
  line.detail = transfer.detail;
  line.cause_token = transfer.token;
  line.hold = transfer.hold;
  line.hold->since = world_.now;
  line.configuration = world_.servers[transfer.server].configuration;
  write(transfer.server, std::move(line));
  world_.servers[transfer.server].taken_over_by.clear();
}

// The next tidy will publish it in a moment; until then readers see the new
// base instead of the previous one.
void Ledger::show_base(const Job& job, const MadeBase& made) {
  const auto seen = world_.clusters.find(cluster_of(world_.config, job));
  if (seen == world_.clusters.end()) return;
  auto& bases = seen->second.bases;
  const bool there =
      std::any_of(bases.begin(), bases.end(), [&](const Generation& base) {
        return base.application == job.application &&
               base.generation == made.generation;
      });
  if (there) return;
  bases.insert(bases.begin(), {job.application, made.generation, made.database,
                               made.data_at, made.size});
}

// Updates what later decisions and estimates depend on.
void Ledger::learn(const HistoryLine& line) {
  const auto id = job_of_line(line);
  if (!id) return;
  world_.usual.learn(line.job);
  const JobKind kind = kind_in(line.job);
  const std::string application = string_or(line.job, "application", "");
  const std::string server = string_or(line.job, "server", "");
  if (kind == JobKind::refresh) {
    world_.last_refresh[application] = last_refresh_of(line);
  }
  if (kind == JobKind::spare) {
    // No spare was made although one seemed missing: do not retry at once
    // either.
    const bool none = !bool_or(line.job, "committed", true);
    const auto outcome = outcome_in(line.job);
    note_spare(world_.spare_trouble[application],
               none && outcome == Outcome::succeeded
                   ? Outcome::failed
                   : outcome.value_or(Outcome::failed),
               line.at);
  }
  if (!server.empty() && !only_looks(kind)) {
    std::int64_t& highest = world_.highest_job[server];
    highest = std::max(highest, *id);
  }
}

// Adds the ended job to what readers see.
void Ledger::remember(const HistoryLine& line) {
  const auto id = job_of_line(line);
  if (!id) return;
  world_.changes.ended[*id] = {json::serialize(ended_body(line, true)), line.at,
                               only_looks(kind_in(line.job))};
  auto at = world_.ended.end();  // by number, not by end
  while (at != world_.ended.begin() && (at - 1)->id > *id) --at;
  world_.ended.insert(at, {*id, json::serialize(ended_body(line, false))});
  if (world_.ended.size() > kEndedListed) world_.ended.pop_front();
  const std::string server = string_or(line.job, "server", "");
  if (!server.empty() && !only_looks(kind_in(line.job))) {
    world_.servers[server].last_job = last_job_of(line);
  }
  world_.changes.places = true;  // usual durations have changed
}

}  // namespace berth::runner
