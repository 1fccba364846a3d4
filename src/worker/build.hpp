// SPDX-License-Identifier: GPL-2.0-or-later
// One build, from its job file to its last record.
//
//   preflight, (database, checkout), render, prepare   made beside what runs
//   switch                                             the commit point
//   restart, verify                                    the new one is kept
//
// Without a new database prepare runs after the switch, in the slot that is
// served by then, and before the restart. A build of the database only leaves
// slot and link alone; its prepare runs the current slot's commands against
// the copy, before the switch.
//
// Whatever goes wrong goes one way: settle. It asks what holds - the live
// database's marker, or the guest - whether the commit point was passed, then
// puts everything back, or goes on to the end. A worker started on a job that
// has steps does nothing but that. What cannot be settled now is Unsettled.
#pragma once

#include <string>

#include "model/configuration.hpp"
#include "worker/build_steps.hpp"
#include "worker/journal.hpp"

namespace berth::worker {

// How an attempt stopped before it was known to be committed.
struct Stopped {
  enum class By { failure, cancel, shutdown, death };
  By by = By::failure;
  std::string step;
  std::string text;
};

// What the job becomes when nothing was committed.
JobResult result_of_stop(const Job& job, const Stopped& stopped);

class Build {
 public:
  Build(const Context& context, Journal& journal, std::string job_file,
        int lock_fd);
  // From nothing to the last record.
  void run();
  // From what an earlier worker's steps say to the last record.
  void settle(const StepsRead& read);

 private:
  void until_switched();
  void make_parts();
  void stop(const Stopped& stopped);
  bool committed();
  void roll_back();
  void after_switch();
  void finish(const std::string& failed_step, const std::string& detail);
  json::value configuration(bool verified);

  const Context& context_;
  Journal& journal_;
  std::string job_file_;
  int lock_fd_;
  Guest guest_;
  Plan plan_;
  bool planned_ = false;        // preflight ended well
  bool switch_begun_ = false;
  bool switch_open_ = false;    // begun, its end is not recorded
  bool prepared_ = false;
};

}  // namespace berth::worker
