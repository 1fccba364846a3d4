// SPDX-License-Identifier: GPL-2.0-or-later
// Runs one berth-worker for each active job: starts it, exchanges messages with
// it over fd 3 (a SOCK_SEQPACKET pair, one JSON object per packet), reaps it,
// and starts it again if it crashed. A worker that finds steps of its job
// settles the job first, so a crash is recovered from at once.
//
//   from a worker  {"progress":{...}}  its steps have changed
//                  {"look":"kvm1"}     it changed something on that host, whose
//                                      watcher must read it at once
//                  {"ask":"commit"}, {"ask":"copies:C"}, {"give":"copies:C"}
//   to a worker    {"answer":"commit","go":true|false}
//                  {"answer":"copies:C","go":true}  {"cancel":true}
//                  {"stop":true}  {"yield":true}
//
// "yield" is sent to a spare that holds copies:C while a build waits for it:
// the spare ends as if it was stopped, and is requeued as if it had not
// started.
//
// Exit status: 0 with a result in the last step record ends the job; 75 means
// that the job cannot be settled now (guest or cluster unreachable); anything
// else is a crash. Both leave the job unsettled with its server's claim, and
// are retried: a crash at once, then after 1 s, doubling up to a minute. No
// process of a job starts before lock/job-N is free.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/child.hpp"
#include "runner/ledger/ledger.hpp"
#include "runner/processes/loop.hpp"
#include "runner/world/claims.hpp"

namespace berth::runner {

class Workers {
 public:
  // `look`: called with a host on which a job changed something.
  Workers(Loop& loop, World& world, Ledger& ledger, const Layout& layout,
          std::function<void(const std::string& host)> look);

  // Kills workers of these jobs that an earlier berthd left running.
  void kill_leftovers();
  // Starts active jobs without a process, sends cancels, reads steps that
  // changed.
  void tend(std::int64_t now_ms);
  // A worker's steps file was written to.
  void moved(std::int64_t job) { moved_.insert(job); }
  // False after several workers in a row crashed early: no job should start
  // then.
  bool healthy(std::int64_t now_ms) const { return now_ms >= hold_until_; }
  // On TERM: sends "stop" to all workers; none is started any longer.
  void stop();
  bool idle() const { return workers_.empty(); }

 private:
  struct Worker {
    Child child;
    Fd socket;
    std::int64_t since = 0;
    bool cancel_sent = false;
  };
  struct Retry {
    std::int64_t at = 0;
    int failures = 0;
  };
  void read_again(LiveJob& live);
  void settle_or_start(LiveJob& live, std::int64_t now_ms);
  void start(LiveJob& live, std::int64_t now_ms);
  void hear(std::int64_t id);
  void answer(std::int64_t id, const json::object& packet);
  void say(std::int64_t id, const json::object& packet);
  void ended(std::int64_t id);
  void conclude(LiveJob& live, const JobResult& result);
  void again(LiveJob& live, const std::string& why, bool at_once);
  void make_way(const std::string& claim);
  void give_back(std::int64_t id, const std::string& claim);
  std::size_t copies(const std::string& claim) const;
  void show_claims();

  Loop& loop_;
  World& world_;
  Ledger& ledger_;
  Dir locks_;
  std::function<void(const std::string&)> look_;
  std::map<std::int64_t, Worker> workers_;
  std::map<std::int64_t, Retry> retries_;
  std::map<std::int64_t, std::int64_t> looked_;  // when steps were last read
  std::set<std::int64_t> moved_;
  std::set<std::int64_t> yielded_;  // "yield" was sent to them
  Claims claims_;
  int early_deaths_ = 0;
  std::int64_t hold_until_ = 0;
  bool stopping_ = false;
};

}  // namespace berth::runner
