// SPDX-License-Identifier: GPL-2.0-or-later
// Runs one berth-watch per host, and takes over what it publishes into the
// world. A hypervisor that hangs blocks its watcher only: a watcher that misses
// three heartbeats (it touches hosts/H.json every five seconds) is killed and
// restarted, and its host is unreachable until it reports. Heartbeats are timed
// by our monotonic clock: of the file's time it only matters that it changed.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/child.hpp"
#include "runner/processes/loop.hpp"
#include "runner/world/world.hpp"
#include "store/state.hpp"

namespace berth::runner {

inline constexpr std::int64_t kHeartbeat = 5000;  // ms; the same in src/watch

class Watchers {
 public:
  Watchers(Loop& loop, World& world, const State& state);

  void tend(std::int64_t now_ms);
  // Call it after an event in state/hosts/.
  void look() { next_look_ = 0; }
  // Makes the host's watcher read everything again, for changes without an
  // event.
  void poke(const std::string& host) const;
  // After HUP: starts new hosts, ends those that were removed or changed.
  void reload();
  void stop();
  // Without watchers (--once): takes the state they published last as current.
  void believe();
  // True if every host is connected or its watcher has failed.
  bool heard_all() const;

 private:
  struct Watcher {
    std::optional<Child> child;
    HostConfig config;          // it was started with this
    std::int64_t restart_at = 0;
    std::int64_t beat_at = 0;   // last heartbeat, or its start
    std::optional<std::int64_t> touched;
    bool reported = false;      // since its start
    std::string etag;
    int failures = 0;
    std::string trouble;
  };
  void start(const std::string& host, Watcher& watcher, std::int64_t now_ms);
  void remember(const std::string& host, Host& seen) const;
  void ended(const std::string& host);
  void lose(const std::string& host, Watcher& watcher, std::string why);
  bool look_at(const std::string& host, Watcher& watcher,
               std::int64_t now_ms);
  void forget(Watcher& watcher);

  Loop& loop_;
  World& world_;
  const State& state_;
  std::map<std::string, Watcher> watchers_;
  std::int64_t next_look_ = 0;
};

}  // namespace berth::runner
