// SPDX-License-Identifier: GPL-2.0-or-later
// berthd as a whole: its parts, in the order in which each works after every
// turn of the loop.
//
//   accept    drops become receipts, and their effects are applied
//   holds     expired holds end
//   spares    missing spares are queued
//   checks    a server whose check is a day old is checked
//   dispatch  jobs start
//   workers, watchers, chores   their processes
//   publish   the state that readers see is written
#pragma once

#include <optional>
#include <string>

#include "base/lock.hpp"
#include "runner/decide/expiry.hpp"
#include "runner/ledger/accept.hpp"
#include "runner/ledger/sweep.hpp"
#include "runner/processes/chores.hpp"
#include "runner/processes/loop.hpp"
#include "runner/processes/watchers.hpp"
#include "runner/processes/workers.hpp"
#include "runner/publish/publish.hpp"

namespace berth::runner {

class Runner {
 public:
  // Takes lock/berthd; throws Error that names its owner if it is held.
  explicit Runner(Config config);

  // Reads all state from disk, continues what was interrupted, publishes it.
  void recover();
  // Runs until TERM; then workers have a minute to reach a safe point.
  void run();
  // Decides the waiting drops by the last known state of the hosts, publishes,
  // and starts nothing.
  void once();

 private:
  void tend();
  void expire_holds();
  void start_jobs(std::int64_t now_ms);
  void hurry_tidy(std::int64_t now_ms);
  void tend_spares(std::int64_t now_ms);
  void tend_checks(std::int64_t now_ms);
  void signalled();
  void notified();
  void reload();
  void stop();

  World world_;
  Layout layout_;
  Dir lock_dir_;
  std::optional<Lock> lock_;
  State state_;
  Loop loop_;
  Ledger ledger_;
  Acceptor acceptor_;
  Workers workers_;
  Watchers watchers_;
  Chores chores_;
  Publisher publisher_;
  Sweep sweep_;
  Expiry expiry_;
  Fd signals_;
  Fd inotify_;
  int active_watch_ = -1;
  int hosts_watch_ = -1;
  bool paused_ = false;
  std::map<std::string, std::int64_t> next_hurry_;  // per cluster
  std::int64_t next_plan_ = 0;
  std::int64_t next_spares_ = 0;
  std::int64_t next_checks_ = 0;
  std::int64_t next_sweep_ = 0;
  std::int64_t started_ = monotonic_ms();  // or the last HUP
  bool stopping_ = false;
};

}  // namespace berth::runner
