// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/processes/watchers.hpp"

#include <signal.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/programs.hpp"
#include "base/text.hpp"

namespace berth::runner {
namespace {

constexpr int kMissed = 3;
constexpr std::int64_t kLook = 1000;
constexpr std::int64_t kLongestWatchBackoff = 60'000;

bool asks_the_same(const HostConfig& a, const HostConfig& b) {
  return a.uri == b.uri && a.servers == b.servers && a.aliases == b.aliases;
}

}  // namespace

Watchers::Watchers(Loop& loop, World& world, const State& state)
    : loop_(loop), world_(world), state_(state) {}

void Watchers::reload() {
  for (auto it = watchers_.begin(); it != watchers_.end();) {
    const auto config = world_.config.hosts.find(it->first);
    if (config == world_.config.hosts.end()) {
      forget(it->second);
      world_.hosts.erase(it->first);
      state_.remove(host_state_file(it->first));
      it = watchers_.erase(it);
    } else {
      // Globs and aliases may have changed as well, so all are restarted.
      forget(it->second);
      it->second.restart_at = 0;
      ++it;
    }
  }
  for (const auto& [host, config] : world_.config.hosts) watchers_[host];
  next_look_ = 0;
  world_.changes.places = true;
}

// A watcher that has just started ignores this signal, and reads everything
// anyway.
void Watchers::poke(const std::string& host) const {
  const auto found = watchers_.find(host);
  if (found == watchers_.end() || !found->second.child) return;
  ::kill(found->second.child->pid(), SIGURG);
}

void Watchers::tend(std::int64_t now_ms) {
  bool changed = false;
  for (auto& [host, watcher] : watchers_) {
    if (!watcher.child && now_ms >= watcher.restart_at) {
      start(host, watcher, now_ms);
      changed = true;
    }
    if (!watcher.child) loop_.wake_by(watcher.restart_at);
  }
  if (now_ms >= next_look_) {
    next_look_ = now_ms + kLook;
    for (auto& [host, watcher] : watchers_) {
      changed = look_at(host, watcher, now_ms) || changed;
    }
  }
  loop_.wake_by(next_look_);
  if (!changed) return;
  world_.merge_hosts();
  world_.changes.places = true;
}

void Watchers::start(const std::string& host, Watcher& watcher,
                     std::int64_t now_ms) {
  Host& seen = world_.hosts[host];
  // The last state remains valid if the same is watched again, as it does
  // between two heartbeats.
  const HostConfig& config = world_.config.hosts.at(host);
  if (!asks_the_same(watcher.config, config)) seen.fresh = false;
  watcher.config = config;
  try {
    ChildOptions options;
    options.environment = minimal_environment();
    watcher.child = Child::start({program_path("berth-watch"), "--config",
                                  world_.config.file, host},
                                 options);
    loop_.watch(watcher.child->pidfd(), [this, host](short) { ended(host); });
  } catch (const Error& e) {
    return lose(host, watcher, e.what());
  }
  watcher.beat_at = now_ms;
  watcher.reported = false;
  watcher.touched = state_.touched_ms(host_state_file(host));
  if (!seen.fresh && seen.reason.empty()) {
    seen.reason = "host " + host + " has not reported yet";
  }
  if (!seen.known) remember(host, seen);
}

// The state from an earlier berthd's watcher: stale, but better than no
// servers.
void Watchers::remember(const std::string& host, Host& seen) const {
  try {
    const auto body = state_.read(host_state_file(host));
    if (!body) return;
    seen.seen = host_state_from_json(json::parse(body->body));
    seen.known = true;
  } catch (const std::exception& e) {
    log_warning("host " + host + ": cannot read its previous state: " +
                e.what());
  }
}

void Watchers::believe() {
  for (const auto& [host, config] : world_.config.hosts) {
    Host& seen = world_.hosts[host];
    remember(host, seen);
    seen.fresh = seen.seen.connected;
    if (!seen.fresh) seen.reason = "host " + host + " was not reachable";
  }
  world_.merge_hosts();
}

bool Watchers::heard_all() const {
  return std::all_of(watchers_.begin(), watchers_.end(), [this](const auto& w) {
    const auto host = world_.hosts.find(w.first);
    return w.second.failures > 0 ||
           (host != world_.hosts.end() && host->second.fresh);
  });
}

// Reads the host's file; returns true if anything about the host changed.
bool Watchers::look_at(const std::string& host, Watcher& watcher,
                       std::int64_t now_ms) {
  if (!watcher.child) return false;
  const auto touched = state_.touched_ms(host_state_file(host));
  if (touched && touched != watcher.touched) {
    watcher.touched = touched;
    watcher.beat_at = now_ms;
    watcher.reported = true;
    watcher.failures = 0;
  }
  if (now_ms - watcher.beat_at > kMissed * kHeartbeat) {
    forget(watcher);
    lose(host, watcher, "its watcher missed three heartbeats");
    return true;
  }
  if (!watcher.reported) return false;
  Host& seen = world_.hosts[host];
  std::optional<StateBody> body;
  Host next;
  try {
    // Throws for one that is too large.
    body = state_.read(host_state_file(host));
    if (!body || (body->etag == watcher.etag && seen.fresh)) return false;
    next.seen = host_state_from_json(json::parse(body->body));
  } catch (const std::exception& e) {
    lose(host, watcher, std::string("cannot read its state: ") + e.what());
    return true;
  }
  // The file has the heartbeat of the new watcher and the state of the old one.
  if (next.seen.uri != watcher.config.uri) return false;
  next.known = true;
  next.fresh = next.seen.connected;
  if (!next.fresh) next.reason = next.seen.reason;
  const bool same = body->etag == watcher.etag && next.fresh == seen.fresh &&
                    next.reason == seen.reason;
  watcher.etag = body->etag;
  watcher.trouble.clear();
  seen = std::move(next);
  return !same;
}

void Watchers::ended(const std::string& host) {
  Watcher& watcher = watchers_.at(host);
  if (!watcher.child) return;
  const auto status = watcher.child->poll_exit();
  if (!status) return;
  forget(watcher);
  lose(host, watcher, "its watcher exited (" + status->text() + ")");
  world_.merge_hosts();
  world_.changes.places = true;
}

void Watchers::lose(const std::string& host, Watcher& watcher,
                    std::string why) {
  ++watcher.failures;
  const std::int64_t wait = std::min<std::int64_t>(
      kLongestWatchBackoff,
      std::int64_t{1000} << std::min(watcher.failures - 1, 6));
  watcher.restart_at = monotonic_ms() + wait;
  Host& seen = world_.hosts[host];
  seen.fresh = false;
  seen.reason = "host " + host + " is unreachable: " + printable(why);
  if (watcher.trouble != why) log_warning("host " + host + ": " + why);
  watcher.trouble = std::move(why);
}

void Watchers::forget(Watcher& watcher) {
  if (!watcher.child) return;
  loop_.forget(watcher.child->pidfd());
  watcher.child.reset();  // kills and reaps it
}

void Watchers::stop() {
  for (auto& [host, watcher] : watchers_) forget(watcher);
  watchers_.clear();
}

}  // namespace berth::runner
