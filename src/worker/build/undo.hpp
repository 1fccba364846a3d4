// SPDX-License-Identifier: GPL-2.0-or-later
// An undo: reverts the last switch of a server completely - database, slot and
// files - while the former database is in the trash and the former slot is
// complete. The commit point is the same as a build's: the transaction that
// swaps the databases, or without one the guest's own. The replaced database
// goes to the trash, so an undo can be undone.
//
// Nothing is created for it, so preflight is followed by the switch. Preflight
// repeats the checks that berthd made when it accepted the undo: on the guest
// (its last switch is the one to undo, the former slot is complete and nobody
// has written to it since) and on the cluster (the live database is from that
// job, the former one exists).
#pragma once

#include "worker/build/switch_job.hpp"
#include "worker/job/attempt.hpp"

namespace berth::worker {

class Undo : public SwitchJob {
 public:
  Undo(const Context& context, Journal& journal);

 private:
  StepDone check() override;
  GuestSwitch guest_switch() const override;
  Configuration served() const override;
  std::string summary() const override;
  std::string kept_summary() const override;

  UndoArguments arguments_;
};

// Its step preflight. Opens the guest's connection.
StepDone preflight_undo(const Context& context, const UndoArguments& arguments,
                        Guest& guest, Report& report, Plan& plan);

void undo_job(const Context& context, Journal& journal,
              const Attempt& attempt);

}  // namespace berth::worker
