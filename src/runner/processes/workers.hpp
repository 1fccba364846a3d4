// SPDX-License-Identifier: GPL-2.0-or-later
// The processes that do the jobs: one berth-worker per active job. Starts
// them, talks with them over fd 3 (a SOCK_SEQPACKET pair, one JSON object per
// packet), reaps them, and starts them again when they died, so that a dead
// worker is recovered at once: a worker that finds steps of its job settles it
// first.
//
//   from a worker  {"progress":{...}}  look at its steps again
//                  {"look":"kvm1"}     what it changed there, its watcher
//                                      is to read at once
//                  {"ask":"commit"}, {"ask":"copies:C"}, {"give":"copies:C"}
//   to a worker    {"answer":"commit","go":true|false}
//                  {"answer":"copies:C","go":true}  {"cancel":true}
//                  {"stop":true}  {"yield":true}
//
// "yield" is told to a spare whose copies:C a build waits for: it ends like one
// that is stopped, and goes back into the queue as if it had not begun.
//
// How a process ends: exit 0 and a result in its last step record ends the
// job; 75 means that it could not settle now (guest or cluster away); anything
// else is a crash. Both leave the job unsettled, with its server's claim, and
// are tried again: a crash at once, then after 1 s, doubling up to a minute.
// No process of a job starts before lock/job-N is free.
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
  // `look`: a job changed something on this host.
  Workers(Loop& loop, World& world, Ledger& ledger, const Layout& layout,
          std::function<void(const std::string& host)> look);

  // Kills what an earlier berthd left running of these jobs.
  void kill_leftovers();
  // Starts what is active and has no process, tells of cancels, looks at
  // steps that moved.
  void tend(std::int64_t now_ms);
  // A worker's steps file was written to.
  void moved(std::int64_t job) { moved_.insert(job); }
  // False while workers die at once again and again: better nothing is
  // started then.
  bool healthy(std::int64_t now_ms) const { return now_ms >= hold_until_; }
  // TERM: tells everyone; nothing is started any more.
  void stop();
  bool idle() const { return workers_.empty(); }

 private:
  struct Worker {
    Child child;
    Fd socket;
    std::int64_t since = 0;
    bool cancel_told = false;
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
  std::set<std::int64_t> yielded_;  // told to make way
  Claims claims_;
  int early_deaths_ = 0;
  std::int64_t hold_until_ = 0;
  bool stopping_ = false;
};

}  // namespace berth::runner
