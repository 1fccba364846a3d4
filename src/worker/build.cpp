// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build.hpp"

#include "worker/pair.hpp"

namespace berth::worker {

Build::Build(const Context& context, Journal& journal, std::string job_file,
             int lock_fd)
    : SwitchJob(context, journal),
      job_file_(std::move(job_file)),
      lock_fd_(lock_fd) {}

StepDone Build::check() {
  return preflight(context_, guest_, journal_, plan_);
}

void Build::make() {
  make_parts();
  journal_.during("render", [&] {
    return render_files(context_, plan_, guest_, journal_).message;
  });
  if (!context_.wants_database()) return;
  journal_.during("prepare", [&] {
    return prepare(context_, guest_,
                   context_.wants_checkout() ? "idle" : "current", journal_)
        .message;
  });
  prepared_ = true;
}

void Build::make_parts() {
  std::vector<std::string> steps;
  if (context_.wants_database()) steps.push_back("database");
  if (context_.wants_checkout()) steps.push_back("checkout");
  if (!context_.wants_database()) journal_.skip("database", "not asked for");
  if (!context_.wants_checkout()) journal_.skip("checkout", "not asked for");
  const auto notes =
      run_steps(steps, context_, journal_, job_file_, lock_fd_);
  if (context_.wants_database()) {
    ObjectReader in(notes.at(0), "note");
    plan_.copy_oid = in.integer("oid");
  }
}

GuestSwitch Build::guest_switch() const {
  return {"switch",
          {{"slot", context_.wants_checkout() ? json::value(plan_.slot)
                                              : json::value(nullptr)}}};
}

void Build::before_restart() {
  if (prepared_) return;
  journal_.during("prepare", [&] {
    return prepare(context_, guest_, "current", journal_).message +
           ", after the switch";
  });
}

Configuration Build::served() const {
  Configuration out;
  out.application = context_.application.name;
  out.path = plan_.path;
  out.revision = plan_.revision;
  out.kind = context_.application.kind;
  out.templates = plan_.templates;
  out.note = context_.arguments.note;
  return out;
}

std::string Build::told() const {
  return plan_.text(context_.application.name, context_.job.server);
}

}  // namespace berth::worker
