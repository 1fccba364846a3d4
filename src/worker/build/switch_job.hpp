// SPDX-License-Identifier: GPL-2.0-or-later
// A job that changes the version that a server runs: a build or an undo, from
// its job file to its last record:
//
//   preflight, and the job's own steps   next to the running version
//   switch                               the commit point
//   restart, verify                      a failure keeps the new version
//
// Every error leads to settle. It finds out from the live database's marker or
// from the guest whether the commit point was passed, and then either rolls
// everything back or continues to the end. A worker that is started on a job
// with recorded steps only settles. A job that cannot be settled now is
// Unsettled.
#pragma once

#include <string>

#include "model/configuration.hpp"
#include "worker/build/build_steps.hpp"
#include "worker/job/journal.hpp"
#include "worker/job/outcome.hpp"

namespace berth::worker {

class SwitchJob {
 public:
  virtual ~SwitchJob() = default;
  SwitchJob(const SwitchJob&) = delete;
  SwitchJob& operator=(const SwitchJob&) = delete;
  // From the start to the last record.
  void run();
  // From the recorded steps of an earlier worker to the last record.
  void settle(const StepsRead& read);

 protected:
  SwitchJob(const Context& context, Journal& journal);

  // Runs before the preflight.
  virtual void before_preflight() {}
  // The step preflight: checks all that can be checked, and fills plan_.
  virtual StepDone check() = 0;
  // The steps from there to the switch.
  virtual void make() {}
  // The guest's part of the switch.
  virtual GuestSwitch guest_switch() const = 0;
  // Restores more from an earlier worker's steps than the plan.
  virtual void resume(const StepsRead&) {}
  // Steps between the switch and the restart.
  virtual void before_restart() {}
  // The server's new configuration; user, time and database are added to it.
  virtual Configuration served() const = 0;
  // For people: the result of a job that succeeded, and of one that was kept
  // although a later step failed.
  virtual std::string summary() const = 0;
  virtual std::string kept_summary() const = 0;

  const Context& context_;
  Journal& journal_;
  Guest guest_;
  Plan plan_;
  // Set after the job has set the server back to a snapshot.
  std::optional<Reverted> reverted_;

 private:
  void until_switched();
  void stop(const Stopped& stopped);
  void after_switch();
  void restart_and_verify();
  void write_last(JobResult result);
  void finish(const std::string& failed_step, const std::string& detail);
  json::value configuration(bool verified) const;

  bool planned_ = false;        // preflight succeeded
  bool switch_begun_ = false;
  bool switch_open_ = false;    // begun, and its end is not recorded
};

}  // namespace berth::worker
