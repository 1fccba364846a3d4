// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/build.hpp"

#include "worker/build/preflight.hpp"
#include "worker/guest/ssh_answers.hpp"
#include "worker/job/child_steps.hpp"
#include "worker/machine/on_host.hpp"
#include "worker/machine/snapshot.hpp"

namespace berth::worker {

Build::Build(const Context& context, Journal& journal, std::string job_file,
             int lock_fd)
    : SwitchJob(context, journal),
      job_file_(std::move(job_file)),
      lock_fd_(lock_fd) {}

// All that can be checked without the guest is checked before the guest's state
// is discarded; preflight repeats these checks, with the guest.
void Build::before_preflight() {
  const std::string& snapshot = context_.arguments.revert;
  if (snapshot.empty()) return;
  journal_.begin("revert");
  preflight_without_guest(context_, journal_);
  revert();
  wait_for_ssh(context_,
               Deadline::in_s(host_of(context_).seconds_for("answer")));
  journal_.end("revert", "done", reverted_->detail, to_json(*reverted_));
}

void Build::revert() {
  reverted_ = revert_to(context_, journal_, lock_fd_,
                        {context_.arguments.revert, "revert", true, false});
}

void Build::resume(const StepsRead& read) {
  prepared_ = read.prepared;
  reverted_ = read.reverted;
  if (reverted_ || !read.begun) return;
  // A worker died while the host was setting the server back: it is unknown how
  // far it came, and repeating it gives the same result.
  try {
    revert();
  } catch (const Away& e) {
    throw Unsettled(e.action(), e.subject(), e.cause());
  } catch (const StepFailed& e) {
    journal_.log_for("revert", "it is unknown whether the server was set back "
                               "to the snapshot: " + e.text());
  }
}

StepDone Build::check() {
  return preflight(context_, guest_, journal_, plan_);
}

void Build::make() {
  converge_first();
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

// Its changes on the guest remain even if the build fails.
void Build::converge_first() {
  if (!context_.wants_checkout()) {
    return journal_.skip("converge", "no checkout");
  }
  if (!plan_.converges) return journal_.skip("converge", "not configured");
  journal_.during("converge", [&] {
    return converge(context_, guest_, journal_).message;
  });
}

void Build::make_parts() {
  std::vector<std::string> steps;
  if (context_.wants_database()) steps.push_back("database");
  if (context_.wants_checkout()) steps.push_back("checkout");
  if (!context_.wants_database()) journal_.skip("database", "not requested");
  if (!context_.wants_checkout()) journal_.skip("checkout", "not requested");
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

std::string Build::summary() const {
  return plan_.text(context_.application.name, context_.job.server);
}

void build_job(const Context& context, Journal& journal,
               const Attempt& attempt) {
  Build build(context, journal, attempt.job_file, attempt.lock_fd);
  if (attempt.resumed) return build.settle(attempt.read);
  build.run();
}

}  // namespace berth::worker
