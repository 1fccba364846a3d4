// SPDX-License-Identifier: GPL-2.0-or-later
// Periodic work without a job number or history: `berth-worker tidy CLUSTER`
// and `berth-worker paths APP`, at start and every minute. One runs at a time
// per cluster and application, four at a time of each kind, and each is killed
// after five minutes. Each is the only writer of its state file; the state that
// tidy publishes of a cluster is taken over into the world.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/child.hpp"
#include "runner/processes/loop.hpp"
#include "runner/world/world.hpp"
#include "store/state.hpp"

namespace berth::runner {

class Chores {
 public:
  Chores(Loop& loop, World& world, const State& state);

  void tend(std::int64_t now_ms);
  // Call it after an event in state/clusters/.
  void look() { look_ = true; }
  // A job changed something on a cluster: its tidy starts at once.
  void hurry(const std::string& cluster);
  void stop();

 private:
  struct Chore {
    std::optional<Child> child;
    std::int64_t next = 0;
    std::int64_t deadline = 0;
    std::string trouble;
  };
  using Key = std::pair<std::string, std::string>;  // {"tidy", "db1"}
  void tend_kind(const std::string& kind, std::int64_t now_ms);
  bool is_configured(const Key& key) const;
  void start(const Key& key, Chore& chore, std::int64_t now_ms);
  void ended(const Key& key);
  void tell(const Key& key, Chore& chore, const std::string& trouble);
  void take_in();

  Loop& loop_;
  World& world_;
  const State& state_;
  std::map<Key, Chore> chores_;
  std::map<std::string, std::string> etags_;
  bool look_ = true;
};

}  // namespace berth::runner
