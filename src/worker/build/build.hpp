// SPDX-License-Identifier: GPL-2.0-or-later
// One build:
//
//   preflight, converge            the server's packages, where Puppet has them
//   (database, checkout), render, prepare              made beside what runs
//   switch                                             the commit point
//   restart, verify                                    the new one is kept
//
// Without a new database prepare runs after the switch, in the slot that is
// served by then, and before the restart. A build of the database only leaves
// slot and link alone; its prepare runs the current slot's commands against
// the copy, before the switch. How it goes on when anything goes wrong is that
// of every SwitchJob.
#pragma once

#include <string>

#include "worker/build/switch_job.hpp"
#include "worker/job/attempt.hpp"

namespace berth::worker {

class Build : public SwitchJob {
 public:
  Build(const Context& context, Journal& journal, std::string job_file,
        int lock_fd);

 private:
  StepDone check() override;
  void make() override;
  GuestSwitch guest_switch() const override;
  void before_preflight() override;
  void resume(const StepsRead& read) override;
  void before_restart() override;
  Configuration served() const override;
  std::string told() const override;
  std::string told_kept() const override { return "the new build was kept"; }

  void converge_first();
  void make_parts();
  void revert();

  std::string job_file_;
  int lock_fd_;
  bool prepared_ = false;
};

void build_job(const Context& context, Journal& journal,
               const Attempt& attempt);

}  // namespace berth::worker
