// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/processes/chores.hpp"

#include <algorithm>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/programs.hpp"

namespace berth::runner {
namespace {

constexpr std::int64_t kChoresEvery = 60'000;
// The next attempt after a cluster was unreachable: builds with a database are
// refused until it is seen again.
constexpr std::int64_t kSoon = 5'000;
constexpr std::int64_t kDeadline = 5 * 60'000;
// Chores share the machine's cores with builds, so with many clusters and
// applications they wait for each other. Each kind has a limit of its own: a
// repository that accepts connections and never answers uses one place for the
// whole deadline, and tidy, whose state builds need, must not wait for that.
constexpr int kAtOnce = 4;

}  // namespace

Chores::Chores(Loop& loop, World& world, const State& state)
    : loop_(loop), world_(world), state_(state) {}

void Chores::tend(std::int64_t now_ms) {
  for (const auto& [name, config] : world_.config.clusters) {
    chores_[{"tidy", name}];
  }
  for (const auto& [name, config] : world_.config.applications) {
    chores_[{"paths", name}];
  }
  for (const char* kind : {"tidy", "paths"}) tend_kind(kind, now_ms);
  if (look_) take_in();
}

// The longest overdue chore starts first, so that chores which always end at
// their deadline do not displace those that have waited meanwhile.
void Chores::tend_kind(const std::string& kind, std::int64_t now_ms) {
  int running = 0;
  std::vector<std::pair<std::int64_t, Key>> waiting;  // by when they are due
  for (auto& [key, chore] : chores_) {
    if (key.first != kind) continue;
    if (chore.child && now_ms >= chore.deadline) {
      loop_.forget(chore.child->pidfd());
      chore.child.reset();  // kills and reaps it
      tell(key, chore, "took longer than five minutes and was killed");
    }
    if (chore.child) {
      ++running;
      loop_.wake_by(chore.deadline);
    } else if (is_configured(key)) {
      waiting.emplace_back(chore.next, key);
    }
  }
  std::sort(waiting.begin(), waiting.end());
  for (const auto& [due, key] : waiting) {
    if (running >= kAtOnce) break;  // the end of one wakes the loop
    if (now_ms < due) {
      loop_.wake_by(due);
      break;
    }
    Chore& chore = chores_[key];
    start(key, chore, now_ms);
    loop_.wake_by(chore.child ? chore.deadline : chore.next);
    ++running;
  }
}

bool Chores::is_configured(const Key& key) const {
  return key.first == "tidy"
             ? world_.config.clusters.contains(key.second)
             : world_.config.applications.contains(key.second);
}

void Chores::start(const Key& key, Chore& chore, std::int64_t now_ms) {
  chore.next = now_ms + kChoresEvery;
  chore.deadline = now_ms + kDeadline;
  try {
    ChildOptions options;
    options.environment = minimal_environment();
    chore.child = Child::start({program_path("berth-worker"), "--config",
                                world_.config.file, key.first, key.second},
                               options);
    loop_.watch(chore.child->pidfd(), [this, key](short) { ended(key); });
  } catch (const Error& e) {
    tell(key, chore, e.what());
  }
}

void Chores::ended(const Key& key) {
  Chore& chore = chores_.at(key);
  if (!chore.child) return;
  const auto status = chore.child->poll_exit();
  if (!status) return;
  loop_.forget(chore.child->pidfd());
  chore.child.reset();
  tell(key, chore, status->ok() ? "" : status->text());
  look_ = true;
}

// The same trouble every minute is logged once.
void Chores::tell(const Key& key, Chore& chore, const std::string& trouble) {
  if (trouble == chore.trouble) return;
  chore.trouble = trouble;
  if (key.first == "tidy") {
    world_.tidy_trouble[key.second] = trouble;
    world_.changes.places = true;
  }
  const std::string name = key.first + " " + key.second;
  if (trouble.empty()) {
    log_info(name + ": works again");
  } else {
    log_warning(name + ": " + trouble);
  }
}

void Chores::hurry(const std::string& cluster) {
  const auto found = chores_.find({"tidy", cluster});
  if (found == chores_.end()) return;
  found->second.next = 0;
  loop_.wake_by(monotonic_ms());
}

void Chores::take_in() {
  look_ = false;
  for (const auto& [name, config] : world_.config.clusters) {
    try {
      const auto body = state_.read(cluster_state_file(name));
      if (!body) continue;
      if (body->etag != etags_[name]) {
        etags_[name] = body->etag;
        world_.take_cluster(name,
                            cluster_state_from_json(json::parse(body->body)));
      }
      // Also if it is unreachable as before: the same state has the same ETag.
      if (!world_.clusters[name].reachable) {
        Chore& chore = chores_[{"tidy", name}];
        chore.next = std::min(chore.next, monotonic_ms() + kSoon);
        loop_.wake_by(chore.next);
      }
    } catch (const std::exception& e) {
      log_warning("cluster " + name + ": cannot read its state: " +
                  e.what());
    }
  }
}

void Chores::stop() {
  for (auto& [key, chore] : chores_) {
    if (chore.child) loop_.forget(chore.child->pidfd());
  }
  chores_.clear();
}

}  // namespace berth::runner
