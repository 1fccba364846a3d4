// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ledger/ledger.hpp"

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

constexpr const char* kDraining = "draining";

// This folder is newer than the others: an installation that was upgraded
// without systemd-tmpfiles does not have it.
const std::string& cluster_folder(const Layout& layout) {
  Dir(layout.history).make("clusters", 02750);
  return layout.cluster_history;
}

}  // namespace

Ledger::Ledger(const Layout& layout, World& world)
    : world_(world),
      lib_(layout.lib),
      servers_(layout.history),
      applications_(layout.application_history),
      clusters_(cluster_folder(layout)),
      checks_(checks_dir(layout.lib)),
      queue_(layout.queue, layout.active),
      log_(layout.log) {}

History& Ledger::history_of(const Job& job) {
  if (on_server(job)) return servers_.of(job.server);
  if (!job.application.empty()) return applications_.of(job.application);
  const std::string cluster = cluster_of(world_.config, job);
  if (!is_config_name(cluster)) {
    throw Error("find the history of", job_text(job.id),
                "it names neither server, application nor cluster");
  }
  return clusters_.of(cluster);
}

std::int64_t Ledger::next_number() {
  if (!sequence_) sequence_.emplace(lib_);
  world_.last_number = sequence_->next(world_.last_number);
  return world_.last_number;
}

std::optional<Outcome> Ledger::outcome_of(const Job& job) {
  if (!has_line(job)) return std::nullopt;
  for (const Outcome outcome :
       {Outcome::succeeded, Outcome::failed, Outcome::cancelled}) {
    HistoryLine line;
    line.event = event_of(job, outcome);
    line.cause_job = job.id;
    if (history_of(job).has_cause(line)) return outcome;
  }
  return std::nullopt;
}

// Writes a line of a server's history, and updates the world.
void Ledger::write(const std::string& name, HistoryLine line) {
  History& mine = servers_.of(name);
  mine.append(std::move(line));
  Server& server = world_.servers[name];
  server.hold = mine.last()->hold;
  server.history_seq = mine.last()->seq;
  server.last_switch.follow(*mine.last(), server.configuration);
  server.configuration = mine.last()->configuration;
  world_.changes.servers.insert(name);
}

void Ledger::apply(const Receipt& receipt) {
  if (!receipt.accepted) return;
  for (const auto& value : receipt.effects) {
    const json::object& effect = value.as_object();
    const std::string_view kind = effect.at("kind").as_string();
    if (kind == "hold") apply_hold(receipt, effect);
    if (kind == "job") enter(job_from_json(effect.at("job")));
    if (kind == "cancel") apply_cancel(effect);
    if (kind == "drain") apply_drain(effect.at("on").as_bool());
  }
}

bool Ledger::has_effects_of(const Receipt& receipt) {
  for (const auto& value : receipt.effects) {
    const json::object& effect = value.as_object();
    if (effect.at("kind").as_string() != "hold") continue;
    HistoryLine line;
    line.event = std::string(effect.at("event").as_string());
    line.cause_token = receipt.token;
    if (servers_.of(std::string(effect.at("server").as_string()))
            .has_cause(line)) {
      return true;
    }
  }
  return false;
}

void Ledger::apply_hold(const Receipt& receipt, const json::object& effect) {
  const std::string name(effect.at("server").as_string());
  HistoryLine line;
  line.at = receipt.at;
  line.event = std::string(effect.at("event").as_string());
  line.user = std::string(effect.at("user").as_string());
  line.detail = std::string(effect.at("detail").as_string());
  line.cause_token = receipt.token;
  line.hold = optional_from_json<Hold>(effect.at("hold"));
  if (servers_.of(name).has_cause(line)) {
    servers_.of(name).append(std::move(line));  // makes it durable
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

void Ledger::enter(const Job& job) {
  if (outcome_of(job) || has_moved(job)) return;  // it already ran
  queue_.add(job);
  world_.last_number = std::max(world_.last_number, job.id);
  if (world_.jobs.contains(job.id)) return;
  world_.jobs[job.id].job = job;
  world_.changes.all_of(job);
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
    world_.changes.all_of(job);
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
  line.event = to_text(Event::expired);
  line.user = server.hold->user;
  line.detail = "the hold expired at " + rfc3339(server.hold->until);
  // No request caused it: the hold itself is recorded as the cause, so that a
  // crash does not expire it twice.
  line.cause_token =
      fingerprint("expired " + name + json::serialize(to_json(*server.hold)));
  line.configuration = server.configuration;
  write(name, std::move(line));
}

void Ledger::activate(LiveJob& live) {
  queue_.activate(live.job);
  live.state = JobState::running;
  live.waits.reset();
  world_.changes.all_of(live.job);
}

void Ledger::note_worker(LiveJob& live, const StartedBy& by) {
  live.job.started = by;
  queue_.update(live.job);
}

}  // namespace berth::runner
