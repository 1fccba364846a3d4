// SPDX-License-Identifier: GPL-2.0-or-later
// One build:
//
//   preflight, converge     the server's packages, if Puppet manages them
//   (database, checkout), render, prepare   next to the running version
//   switch                                  the commit point
//   restart, verify                         a failure keeps the new version
//
// Without a new database, prepare runs after the switch and before the restart,
// in the slot that is then served. A build of the database only does not change
// slot and link; its prepare runs the current slot's commands against the copy,
// before the switch. Errors are handled as in every SwitchJob.
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
  std::string summary() const override;
  std::string kept_summary() const override { return "the new build was kept"; }

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
