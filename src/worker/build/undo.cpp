// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/undo.hpp"

namespace berth::worker {

Undo::Undo(const Context& context, Journal& journal)
    : SwitchJob(context, journal),
      arguments_(arguments_from<UndoArguments>(context.job.arguments)) {}

StepDone Undo::check() {
  return preflight_undo(context_, arguments_, guest_, journal_, plan_);
}

GuestSwitch Undo::guest_switch() const {
  json::object arguments{{"job", arguments_.job}, {"slot", nullptr}};
  if (arguments_.checkout) {
    arguments["slot"] = plan_.slot;
    arguments["path"] = plan_.path;
    arguments["revision"] = plan_.revision;
  }
  return {"undo", arguments};
}

Configuration Undo::served() const {
  // preflight has checked that it is valid.
  return optional_from_json<Configuration>(arguments_.previous).value();
}

std::string Undo::told() const {
  return job_text(arguments_.job) + " is undone: " +
         plan_.text(context_.application.name, context_.job.server);
}

std::string Undo::told_kept() const {
  return job_text(arguments_.job) + " remains undone";
}

void undo_job(const Context& context, Journal& journal,
              const Attempt& attempt) {
  Undo undo(context, journal);
  if (attempt.resumed) return undo.settle(attempt.read);
  undo.run();
}

}  // namespace berth::worker
