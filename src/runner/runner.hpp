// SPDX-License-Identifier: GPL-2.0-or-later
// berthd as a whole: the parts, in the order in which they tend to their work
// after every turn of the loop.
//
//   accept    drops become receipts, receipts become truth
//   holds     those that ran out end
//   spares    copies that are missing are queued
//   checks    servers that nobody has looked at for a day
//   dispatch  jobs start
//   workers, watchers, chores   their processes
//   publish   readers are told
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
  // Takes lock/berthd; throws Error naming who has it.
  explicit Runner(Config config);

  // Truth from disk, what was cut off carried on, everything published.
  void recover();
  // Until TERM: then workers get a minute to come to a safe place.
  void run();
  // Decides what was submitted by what is known of the hosts, publishes,
  // starts nothing.
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
