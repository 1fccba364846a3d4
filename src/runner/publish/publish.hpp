// SPDX-License-Identifier: GPL-2.0-or-later
// Writes lib/state/ from the changes of the world: each file at most four times
// a second, and only files that a change affects. A line of progress rewrites
// servers.json, its server and its job, never the queue. State is a cache: what
// cannot be written now is written later, and nothing here is fsynced. Only the
// result of a check is stored nowhere else, because a check has no history
// line; its file survives a restart.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "runner/processes/loop.hpp"
#include "runner/world/world.hpp"
#include "store/state.hpp"

namespace berth::runner {

class Publisher {
 public:
  Publisher(Loop& loop, World& world, const State& state);

  // At start and after HUP: removes files of what no longer exists, publishes
  // everything else.
  void everything();
  void tend(std::int64_t now_ms);
  // At the end: writes everything that is due, however recent the last write.
  void flush();
  // The heartbeat in health.json, by which the web side knows that berthd runs.
  void health(bool up, const std::string& detail);

 private:
  void collect();
  std::int64_t between(const std::string& name) const;
  void write_pending(std::int64_t now_ms, bool lists);
  void write(const std::string& name);
  void write_ended(std::int64_t now_ms);

  Loop& loop_;
  World& world_;
  const State& state_;
  std::set<std::string> pending_;
  std::map<std::string, std::int64_t> written_;  // when last, monotonic ms
  struct Ended {
    EndedBody body;
    std::int64_t due = 0;  // monotonic ms
  };
  std::map<std::int64_t, Ended> ended_;  // to be written
  // By time of end and number; `looks_` has previews and checks, `others_` the
  // rest.
  using EndedFiles = std::set<std::pair<Instant, std::int64_t>>;
  EndedFiles looks_, others_;
  std::int64_t next_health_ = 0;
  std::int64_t next_places_ = 0;
  std::string trouble_;
  std::string detail_;
  std::int64_t start_time_;
};

}  // namespace berth::runner
