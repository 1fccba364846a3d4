// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/publish/publish.hpp"

#include <unistd.h>

#include <iterator>

#include "base/child.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "runner/publish/bodies.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

constexpr std::int64_t kBetween = 250;      // ms: four writes a second
constexpr std::size_t kLongQueue = 1000;
constexpr std::int64_t kBetweenLong = 1000;
constexpr std::int64_t kPublishTurn = 50;  // ms of writing per turn
constexpr std::int64_t kHealthEvery = 2000;
// A cluster becomes stale by age alone, so the bodies are made again regularly.
constexpr std::int64_t kPlacesEvery = 30'000;

constexpr const char* kPlaces[] = {"hosts.json", "clusters.json",
                                   "applications.json"};

std::string server_file(const std::string& name) {
  return "server/" + name + ".json";
}
std::string job_file(std::int64_t id) {
  return "job/" + std::to_string(id) + ".json";
}

// A check has no history line: this file alone records how it ended, for as
// long as the files of other ended jobs are kept.
std::optional<std::pair<Instant, std::int64_t>> check_that_ended(
    const State& state, const std::string& name) {
  const auto id = number_in(name, "", "");
  if (!id) return std::nullopt;
  try {
    const auto body = state.read_json(job_file(*id));
    if (!body || kind_in(*body) != JobKind::check) return std::nullopt;
    const auto at = parse_rfc3339(string_or(*body, "finished_at", ""));
    if (!at) return std::nullopt;
    return std::pair(*at, *id);
  } catch (const std::exception&) {
    return std::nullopt;  // truncated
  }
}

}  // namespace

Publisher::Publisher(Loop& loop, World& world, const State& state)
    : loop_(loop),
      world_(world),
      state_(state),
      start_time_(process_start_time(::getpid()).value_or(0)) {}

void Publisher::everything() {
  for (const auto& [name, server] : world_.servers) {
    world_.changes.servers.insert(name);
  }
  for (const auto& [id, live] : world_.jobs) world_.changes.jobs.insert(id);
  world_.changes.queue = true;
  world_.changes.places = true;
  for (const auto& name : state_.list("server")) {
    if (!world_.servers.contains(name)) state_.remove(server_file(name));
  }
  std::set<std::string> jobs;
  for (const auto& [id, live] : world_.jobs) jobs.insert(std::to_string(id));
  for (const auto& [id, body] : world_.changes.ended) {
    jobs.insert(std::to_string(id));
  }
  // After HUP: the files of ended jobs are written once and kept.
  for (const auto& [id, ended] : ended_) jobs.insert(std::to_string(id));
  for (const EndedFiles* files : {&looks_, &others_}) {
    for (const auto& [at, id] : *files) jobs.insert(std::to_string(id));
  }
  for (const auto& name : state_.list("job")) {
    if (jobs.contains(name)) continue;
    if (const auto ended = check_that_ended(state_, name)) {
      looks_.insert(*ended);
    } else {
      state_.remove("job/" + name + ".json");
    }
  }
  // A console without servers has this file as well.
  pending_.insert("servers.json");
}

void Publisher::collect() {
  Changes& changes = world_.changes;
  if (!changes.servers.empty()) pending_.insert("servers.json");
  for (const auto& name : changes.servers) pending_.insert(server_file(name));
  for (const auto id : changes.jobs) {
    if (world_.jobs.contains(id)) pending_.insert(job_file(id));
  }
  if (changes.queue) pending_.insert({"jobs.json", "queue.json"});
  if (changes.queue_file) pending_.insert("queue.json");
  if (changes.applications) pending_.insert("applications.json");
  if (changes.places) pending_.insert(std::begin(kPlaces), std::end(kPlaces));
  for (auto& [id, body] : changes.ended) {
    ended_[id] = {std::move(body), monotonic_ms() + kBetween};
  }
  changes = Changes{};
}

// A reader that sees the end of a job must also see the server as the job left
// it, and its data in the lists: the files that are pending now are written
// within kBetween.
void Publisher::write_ended(std::int64_t now_ms) {
  for (auto it = ended_.begin(); it != ended_.end();) {
    const auto& [id, ended] = *it;
    const std::string name = job_file(id);
    pending_.erase(name);
    if (!pending_.empty() && now_ms < ended.due) {
      loop_.wake_by(ended.due);
      ++it;
      continue;
    }
    written_.erase(name);
    state_.write_text(name, ended.body.text);
    (ended.body.looks ? looks_ : others_).insert({ended.body.at, id});
    it = ended_.erase(it);
  }
  for (EndedFiles* files : {&looks_, &others_}) {
    while (files->size() > kEndedKept) {
      state_.remove(job_file(files->begin()->second));
      files->erase(files->begin());
    }
  }
}

void Publisher::tend(std::int64_t now_ms) {
  if (now_ms >= next_places_) {
    next_places_ = now_ms + kPlacesEvery;
    world_.changes.places = true;
  }
  try {
    collect();
    // The lists first: ten thousand changed jobs must not delay them.
    write_pending(now_ms, true);
    write_pending(now_ms, false);
    write_ended(now_ms);
    if (now_ms >= next_health_) health(true, detail_);
    trouble_.clear();
  } catch (const Error& e) {
    if (trouble_ != e.what()) log_error(e.what());
    trouble_ = e.what();
  }
}

void Publisher::flush() {
  for (;;) {
    written_.clear();
    tend(monotonic_ms());
    if (pending_.empty() || !trouble_.empty()) return;
  }
}

// Ten thousand jobs are megabytes, so their lists are written less often.
std::int64_t Publisher::between(const std::string& name) const {
  const bool long_list =
      world_.jobs.size() > kLongQueue &&
      (name == "jobs.json" || name == "queue.json");
  return long_list ? kBetweenLong : kBetween;
}

void Publisher::write_pending(std::int64_t now_ms, bool lists) {
  const std::int64_t end = monotonic_ms() + kPublishTurn;
  for (auto it = pending_.begin(); it != pending_.end();) {
    const bool is_list = it->find('/') == std::string::npos;
    const auto last = written_.find(*it);
    if (is_list != lists) {
      ++it;
    } else if (last != written_.end() &&
               now_ms - last->second < between(*it)) {
      loop_.wake_by(last->second + between(*it));
      ++it;
    } else if (!lists && monotonic_ms() > end) {
      return loop_.wake_by(now_ms);
    } else {
      write(*it);
      written_[*it] = now_ms;
      it = pending_.erase(it);
    }
  }
}

void Publisher::write(const std::string& name) {
  if (name == "servers.json") {
    state_.write(name, servers_body(world_));
  } else if (name == "jobs.json") {
    state_.write_text(name, jobs_text(world_));
  } else if (name == "queue.json") {
    state_.write(name, queue_body(world_));
  } else if (name == "hosts.json") {
    state_.write(name, hosts_body(world_));
  } else if (name == "clusters.json") {
    state_.write(name, clusters_body(world_));
  } else if (name == "applications.json") {
    state_.write(name, applications_body(world_));
  } else if (name.starts_with("server/")) {
    const std::string server = name.substr(7, name.size() - 12);
    if (world_.servers.contains(server)) {
      state_.write(name, one_server_body(world_, server));
    } else {
      state_.remove(name);
    }
  } else if (name.starts_with("job/")) {
    const auto live = world_.jobs.find(std::stoll(name.substr(4)));
    if (live != world_.jobs.end()) {
      state_.write(name, job_body(world_, live->second, true));
    }
  }
}

void Publisher::health(bool up, const std::string& detail) {
  detail_ = detail;
  next_health_ = monotonic_ms() + kHealthEvery;
  state_.write("health.json", {{"as_of", rfc3339(wall_now())},
                               {"runner", up ? "up" : "away"},
                               {"pid", ::getpid()},
                               {"start_time", start_time_},
                               {"draining", world_.draining},
                               {"version", version()},
                               {"detail", detail}});
}

}  // namespace berth::runner
