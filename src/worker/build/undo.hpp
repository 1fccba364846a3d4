// SPDX-License-Identifier: GPL-2.0-or-later
// An undo: the last switch of a server goes back whole - database, slot and
// files - as long as the former database is in the trash and the former slot
// is whole. The commit point is a build's: the transaction that swaps the
// databases, or without one the guest's own; what it replaces becomes trash
// again, so an undo can be undone.
//
// Nothing is made for it, so after preflight there is only the switch. What
// berthd knew when it accepted the undo is looked at again in preflight: on
// the guest (its last switch is the one to undo, the former slot is whole and
// nobody has written to it since) and on the cluster (the live database is
// that job's, the former one is there).
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
  std::string told() const override;
  std::string told_kept() const override;

  UndoArguments arguments_;
};

// Its step preflight (undo_preflight.cpp). Opens the guest's connection.
StepDone preflight_undo(const Context& context, const UndoArguments& arguments,
                        Guest& guest, Report& report, Plan& plan);

void undo_job(const Context& context, Journal& journal,
              const Attempt& attempt);

}  // namespace berth::worker
