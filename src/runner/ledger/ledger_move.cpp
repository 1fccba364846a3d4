// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the ledger for a build that changed nothing: the hold that it
// made ends with it, and a build on any server moves on to the next one if this
// server is the reason.
//
// A move consists of three writes, and a kill may come after each: the hold on
// the next server, the line on this one, the job with its new server. The hold
// names the job that made it, so that the same server is found again; the
// result names the server that it is about, so that it is not applied to the
// next one.
#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "runner/ledger/ledger.hpp"
#include "runner/world/free_server.hpp"

namespace berth::runner {
namespace {

// Steps that change, or may have changed, what is on a server.
bool changes_server(const std::string& step) {
  return step == "revert" || step == "converge" || step == "switch";
}

// Whether the steps prove that nothing was changed: those that change something
// did not begin, and every other has ended. A job that was given up has a step
// that did not end, or names the step during which its worker may have died.
bool left_alone(const JobResult& result,
                const std::vector<StepRecord>& steps) {
  if (result.outcome == Outcome::succeeded || result.committed ||
      result.reverted || changes_server(result.failed_step)) {
    return false;
  }
  std::set<std::string> open;
  for (const auto& record : steps) {
    if (record.event == "end") open.erase(record.step);
    if (record.event != "start") continue;
    if (changes_server(record.step)) return false;
    open.insert(record.step);
  }
  return open.empty();
}

}  // namespace

// The job's line records it, and give_back() carries it out. If the holder has
// requested more, the next of their jobs inherits the hold. True: it is
// released.
bool Ledger::end_made_hold(const Job& job, const JobResult& result,
                           const std::vector<StepRecord>& steps,
                           HistoryLine& line) const {
  if (!line.hold || line.hold->made_by != job.id ||
      transfers_.contains(job.id) || !left_alone(result, steps)) {
    return false;
  }
  for (const LiveJob* other : world_.jobs_on(job.server)) {
    if (other->job.id == job.id) continue;
    line.hold->made_by = other->job.id;
    return false;
  }
  line.hold->job = job.id;
  line.hold->release = "always";
  return true;
}

// Returns true if the job continues: in the queue, for another server.
bool Ledger::go_on_elsewhere(const Job& job, const JobResult& result,
                             const std::vector<StepRecord>& steps) {
  if (result.faulty_server.empty() || job.kind != JobKind::build) return false;
  LiveJob& live = world_.jobs.at(job.id);
  // The result is about the server that the job has left.
  if (result.faulty_server != job.server) {
    requeue(live, false);
    return true;
  }
  if (!job.any_server || job.cancel || transfers_.contains(job.id) ||
      !left_alone(result, steps)) {
    return false;
  }
  const auto app = world_.config.applications.find(job.application);
  if (app == world_.config.applications.end()) return false;
  for (;;) {
    const std::string next = pick_free(
        world_, app->second, live.job.text("database"), &live.job);
    if (next.empty() && !world_.hosts_heard) {
      throw Error("find another server for", job_text(job.id),
                  "not every host has reported since berthd started");
    }
    if (next.empty()) return false;
    if (take_for(live.job, next)) {
      move(live, next, result);
      return true;
    }
    live.job.tried.push_back(next);
  }
}

bool Ledger::has_moved(const Job& job) {
  if (!job.any_server) return false;
  HistoryLine line;
  line.event = to_text(Event::build_moved);
  line.cause_job = job.id;
  return history_of(job).has_cause(line);
}

// Returns true if the next server is held for the job. If an earlier attempt
// wrote its line and got no further (a full disk), somebody may have released
// the server since, and the line is not written again: the job does not get it
// then.
bool Ledger::take_for(const Job& job, const std::string& next) {
  const std::string& before = job.server;
  HistoryLine taken;
  taken.at = world_.now;
  taken.event = to_text(Event::reserved);
  taken.user = job.user;
  taken.cause_job = job.id;
  taken.detail = "for " + job_text(job.id) + ", which could not use " + before;
  taken.hold = hold_of_build(job, world_.now, world_.config);
  if (const auto& old = world_.servers[before].hold;
      old && old->user == job.user) {
    taken.hold->until = std::max(old->until, world_.now);
    taken.hold->note = old->note;
  }
  taken.configuration = world_.servers[next].configuration;
  write(next, std::move(taken));
  const auto& hold = world_.servers[next].hold;
  return hold && hold->made_by == job.id;
}

void Ledger::move(LiveJob& live, const std::string& next,
                  const JobResult& result) {
  Job job = live.job;
  const std::string before = job.server;
  HistoryLine left;
  left.at = world_.now;
  left.event = to_text(Event::build_moved);
  left.user = job.user;
  left.cause_job = job.id;
  left.detail = job_text(job.id) + " moves on to " + next + ": " +
                result.detail.substr(0, 1000);
  left.hold = world_.servers[before].hold;
  left.configuration = world_.servers[before].configuration;
  if (left.hold && left.hold->made_by == job.id) left.hold.reset();
  write(before, std::move(left));
  world_.servers[before].faulty = true;

  job.tried.push_back(before);
  job.server = next;
  job.started.reset();
  queue_.update(job);
  live.job = job;
  requeue(live, false);
  world_.changes.servers.insert(before);
}

}  // namespace berth::runner
