// SPDX-License-Identifier: GPL-2.0-or-later
// Work without a number and without history: `berth-worker tidy CLUSTER` and
// `berth-worker paths APP`, at start and every minute, one at a time per
// cluster and application, four of each kind at once, killed after five
// minutes. Each is the one writer of its state file; what tidy published about
// a cluster is taken into the world.
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
  // Something was written in state/clusters/.
  void look() { look_ = true; }
  // A job changed what is on a cluster: its tidy comes at once.
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
