// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ledger.hpp"

#include "base/atomic_file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "runner/summary.hpp"

namespace berth::runner {
namespace {

constexpr const char* kDraining = "draining";
constexpr const char* kOutcomes[] = {"succeeded", "failed", "cancelled"};

}  // namespace

Ledger::Ledger(const Layout& layout, World& world)
    : world_(world),
      lib_(layout.lib),
      servers_dir_(layout.history),
      applications_dir_(layout.application_history),
      queue_(layout.queue, layout.active) {}

History& Ledger::history(const Dir& dir, const std::string& subject) {
  auto& all = &dir == &servers_dir_ ? servers_ : applications_;
  return all.try_emplace(subject, dir, subject).first->second;
}

History& Ledger::history_of(const Job& job) {
  return job.server.empty() ? history(applications_dir_, job.application)
                            : history(servers_dir_, job.server);
}

std::optional<std::string> Ledger::outcome_of(const Job& job) {
  for (const char* outcome : kOutcomes) {
    HistoryLine line;
    line.event = event_of(job.kind, outcome);
    line.cause_job = job.id;
    if (history_of(job).has_cause(line)) return outcome;
  }
  return std::nullopt;
}

// One line of a server's history, and the world after it.
void Ledger::write(const std::string& name, HistoryLine line) {
  History& mine = history(servers_dir_, name);
  mine.append(std::move(line));
  Server& server = world_.servers[name];
  server.hold = mine.last()->hold;
  server.configuration = mine.last()->configuration;
  world_.changes.servers.insert(name);
}

void Ledger::apply(const Receipt& receipt) {
  if (!receipt.accepted) return;
  for (const auto& value : receipt.effects) {
    const json::object& effect = value.as_object();
    const std::string_view kind = effect.at("kind").as_string();
    if (kind == "hold") apply_hold(receipt, effect);
    if (kind == "job") apply_job(effect.at("job"));
    if (kind == "cancel") apply_cancel(effect);
    if (kind == "drain") apply_drain(effect.at("on").as_bool());
  }
}

void Ledger::apply_hold(const Receipt& receipt, const json::object& effect) {
  const std::string name(effect.at("server").as_string());
  HistoryLine line;
  line.at = receipt.at;
  line.event = std::string(effect.at("event").as_string());
  line.user = std::string(effect.at("user").as_string());
  line.detail = std::string(effect.at("detail").as_string());
  line.cause_token = receipt.token;
  line.hold = hold_from_json(effect.at("hold"));
  if (history(servers_dir_, name).has_cause(line)) {
    history(servers_dir_, name).append(std::move(line));  // makes it durable
    return;
  }
  if (const json::value* after = effect.if_contains("after_job")) {
    const std::int64_t id = after->as_int64();
    const auto live = world_.jobs.find(id);
    if (live != world_.jobs.end() && line.hold) {
      for (const auto& known : transfers_[id]) {
        if (known.token == receipt.token) return;
      }
      transfers_[id].push_back(
          {receipt.token, line.user, name, line.detail, *line.hold});
      world_.servers[name].taken_over_by = line.user;
      world_.changes.servers.insert(name);
      return;
    }
  }
  line.configuration = world_.servers[name].configuration;
  write(name, std::move(line));
}

void Ledger::load_transfer(const Receipt& receipt) {
  if (!receipt.accepted) return;
  for (const auto& value : receipt.effects) {
    const json::object& effect = value.as_object();
    const json::value* after = effect.if_contains("after_job");
    if (after && world_.jobs.contains(after->as_int64())) {
      apply_hold(receipt, effect);
    }
  }
}

void Ledger::apply_job(const json::value& value) {
  const Job job = job_from_json(value);
  if (outcome_of(job)) return;  // it ran already
  queue_.add(job);
  world_.last_number = std::max(world_.last_number, job.id);
  if (world_.jobs.contains(job.id)) return;
  world_.jobs[job.id].job = job;
  world_.changes.all_of(job.server, job.id);
}

void Ledger::apply_cancel(const json::object& effect) {
  const std::int64_t id = effect.at("job").as_int64();
  const auto found = world_.jobs.find(id);
  if (found == world_.jobs.end()) return;
  LiveJob& live = found->second;
  if (!live.job.cancel) {
    Job job = live.job;
    job.cancel = CancelRequest{
        std::string(effect.at("user").as_string()),
        parse_rfc3339(std::string_view(effect.at("at").as_string()))
            .value_or(world_.now)};
    queue_.update(job);
    live.job = job;
    world_.changes.all_of(job.server, id);
  }
  if (live.state == JobState::queued) requeue(live);
}

void Ledger::apply_drain(bool on) {
  if (on) {
    write_durably(lib_, kDraining, rfc3339(world_.now) + "\n");
  } else if (lib_.unlink(kDraining)) {
    lib_.sync();
  }
  world_.draining = on;
}

void Ledger::expire(const std::string& name) {
  Server& server = world_.servers[name];
  if (!server.hold) return;
  HistoryLine line;
  line.at = world_.now;
  line.event = "expired";
  line.user = server.hold->user;
  line.detail = "the hold ended at " + rfc3339(server.hold->until);
  // Nobody asked for it: the hold itself is the cause, so that a crash does
  // not end it twice.
  line.cause_token =
      fingerprint("expired " + name + json::serialize(to_json(*server.hold)));
  line.configuration = server.configuration;
  write(name, std::move(line));
}

void Ledger::activate(LiveJob& live) {
  queue_.activate(live.job);
  live.state = JobState::running;
  live.waits.reset();
  world_.changes.all_of(live.job.server, live.job.id);
}

void Ledger::note_worker(LiveJob& live, const StartedBy& by) {
  live.job.started = by;
  queue_.update(live.job);
}

}  // namespace berth::runner
