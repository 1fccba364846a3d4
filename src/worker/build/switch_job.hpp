// SPDX-License-Identifier: GPL-2.0-or-later
// A job that changes what a server serves, a build or an undo, from its job
// file to its last record:
//
//   preflight, and what the job makes   beside what runs
//   switch                              the commit point
//   restart, verify                     what was switched to is kept
//
// Whatever goes wrong goes one way: settle. It asks what holds - the live
// database's marker, or the guest - whether the commit point was passed, then
// puts everything back, or goes on to the end. A worker started on a job that
// has steps does nothing but that. What cannot be settled now is Unsettled.
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
  // From nothing to the last record.
  void run();
  // From what an earlier worker's steps say to the last record.
  void settle(const StepsRead& read);

 protected:
  SwitchJob(const Context& context, Journal& journal);

  // What comes before the preflight.
  virtual void before_preflight() {}
  // The step preflight: refuses what can be refused, and fills plan_.
  virtual StepDone check() = 0;
  // The steps from there to the switch.
  virtual void make() {}
  // What the guest is asked in the switch.
  virtual GuestSwitch guest_switch() const = 0;
  // Of what an earlier worker did, more than the plan.
  virtual void resume(const StepsRead&) {}
  // Steps between the switch and the restart.
  virtual void before_restart() {}
  // What the server carries now; who, when and with which database is added.
  virtual Configuration served() const = 0;
  // For people, of a job that went well, and of one that was kept though a
  // later step failed.
  virtual std::string told() const = 0;
  virtual std::string told_kept() const = 0;

  const Context& context_;
  Journal& journal_;
  Guest guest_;
  Plan plan_;
  // Set once the server was set back to a snapshot on the way.
  std::optional<Reverted> reverted_;

 private:
  void until_switched();
  void stop(const Stopped& stopped);
  void after_switch();
  void restart_and_verify();
  void write_last(JobResult result);
  void finish(const std::string& failed_step, const std::string& detail);
  json::value configuration(bool verified) const;

  bool planned_ = false;        // preflight ended well
  bool switch_begun_ = false;
  bool switch_open_ = false;    // begun, its end is not recorded
};

}  // namespace berth::worker
