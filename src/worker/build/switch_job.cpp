// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/switch_job.hpp"

#include "worker/build/settle.hpp"
#include "worker/job/child_steps.hpp"

namespace berth::worker {
SwitchJob::SwitchJob(const Context& context, Journal& journal)
    : context_(context),
      journal_(journal),
      guest_(context.config, context.job.server, context.job.id,
             context.link) {}

void SwitchJob::run() {
  std::optional<Stopped> stopped;
  try {
    until_switched();
  } catch (const Interrupted& why) {
    stopped = Stopped{why.why == Interrupted::Why::cancel
                          ? Stopped::By::cancel
                          : Stopped::By::shutdown,
                      journal_.current(),
                      why.why == Interrupted::Why::cancel ? "cancelled"
                                                          : "berthd stopped"};
  } catch (const StepFailed& e) {
    stopped = Stopped{Stopped::By::failure, e.step(), e.text()};
  } catch (const UnfitServer& e) {
    stopped = Stopped{Stopped::By::failure, journal_.current(), e.what(), true};
  } catch (const std::exception& e) {
    stopped = Stopped{Stopped::By::failure, journal_.current(), e.what()};
  }
  context_.link.shield();
  if (stopped) return stop(*stopped);
  after_switch();
}

void SwitchJob::until_switched() {
  before_preflight();
  journal_.begin("preflight");
  const StepDone checked = check();
  journal_.end("preflight", "done", checked.message, checked.note);
  planned_ = true;
  make();
  context_.link.check();
  if (!context_.link.ask("commit")) {
    throw Interrupted{Interrupted::Why::cancel};
  }
  context_.link.shield();
  switch_begun_ = switch_open_ = true;
  journal_.begin("switch");
  const StepDone switched =
      switch_over(context_, plan_, guest_switch(), guest_, journal_);
  journal_.end("switch", "done", switched.message);
  switch_open_ = false;
}

void SwitchJob::settle(const StepsRead& read) {
  context_.link.shield();
  Stopped stopped{Stopped::By::death, "preflight", "the worker died"};
  if (!read.last.empty()) stopped.step = read.last;
  if (read.plan) plan_ = *read.plan;
  planned_ = read.plan.has_value();
  switch_begun_ = read.switch_begun;
  resume(read);
  journal_.log_for("job", "settling: the previous worker reached step " +
                              stopped.step);
  for (const std::string& step : read.open) {
    if (step == "switch") {
      switch_open_ = true;
    } else {
      journal_.end(step, "failed", "the worker died");
    }
  }
  stop(stopped);
}

void SwitchJob::stop(const Stopped& stopped) {
  journal_.log_for("job", "stopped in " + stopped.step + ": " + stopped.text);
  try {
    if (switch_begun_ && was_committed(context_, plan_, guest_)) {
      if (switch_open_) {
        journal_.end("switch", "done", "found to be committed");
      }
      return after_switch();
    }
    const bool failed = stopped.by == Stopped::By::failure;
    journal_.close_open(failed ? stopped.step : "", stopped.text);
    if (switch_open_ && stopped.by == Stopped::By::death) {
      journal_.end("switch", "failed", "the worker died");
    }
    // Without a plan nothing has been created.
    if (planned_) put_back(context_, plan_, switch_begun_, guest_, journal_);
  } catch (const Unsettled&) {
    throw;
  } catch (const Error& e) {
    // Away, or a reply that cannot be trusted ("another server now").
    throw Unsettled(e.action(), e.subject(), e.cause());
  }
  write_last(result_of_stop(context_.job, stopped));
}

// A job that rolled everything back has not reverted the server's return to a
// snapshot.
void SwitchJob::write_last(JobResult result) {
  if (reverted_) {
    const std::string was = "the server is unchanged";
    const auto at = result.detail.find(was);
    const std::string is =
        "the server is in the state of snapshot " + reverted_->snapshot;
    if (at != std::string::npos) {
      result.detail.replace(at, was.size(), is);
    } else if (!result.committed) {
      result.detail += "; " + is;
    }
    result.reverted = reverted_;
  }
  journal_.finish(result);
}

void SwitchJob::after_switch() {
  // For a failure outside of any step: the guest did not confirm the switch.
  std::string step = "switch";
  try {
    confirm_on_guest(context_, guest_, journal_);
    step = "";
    before_restart();
    restart_and_verify();
    finish("", "");
  } catch (const Unsettled&) {
    throw;
  } catch (const std::exception& e) {
    if (step.empty()) step = journal_.current();
    journal_.close_open(step, e.what());
    finish(step, e.what());
  }
}

void SwitchJob::restart_and_verify() {
  std::int64_t offset = 0;
  journal_.during("restart", [&] {
    Restarted done = restart(context_, guest_, journal_);
    offset = done.error_offset;
    return done.message;
  });
  if (context_.application.verify &&
      !context_.application.url_on(context_.job.server).empty()) {
    journal_.during("verify", [&] {
      return verify(context_, guest_, offset, journal_);
    });
  } else {
    journal_.skip("verify", "the application has no verify or no url");
  }
}

void SwitchJob::finish(const std::string& failed_step,
                       const std::string& detail) {
  forget_on_guest(context_, guest_, journal_);
  JobResult result;
  result.outcome = failed_step.empty() ? Outcome::succeeded
                                       : Outcome::failed;
  result.failed_step = failed_step;
  result.committed = true;
  result.revision = plan_.revision;
  result.detail = failed_step.empty()
                      ? summary()
                      : failed_step + " failed, " + kept_summary() + ": " +
                            detail;
  result.configuration = configuration(failed_step.empty());
  write_last(result);
}

json::value SwitchJob::configuration(bool verified) const {
  Configuration out = served();
  out.slot = plan_.slot;
  out.database.reset();
  const auto oid = plan_.swaps() ? plan_.copy_oid : plan_.live_oid;
  if (context_.cluster && oid) {
    out.database = DatabaseOnServer{context_.cluster->name, plan_.live, *oid,
                                    plan_.generation, plan_.data_at};
  }
  out.user = context_.job.user;
  out.job = context_.job.id;
  out.built_at = wall_now();
  out.verified = verified;
  out.url = context_.application.url_on(context_.job.server);
  return to_json(out);
}

}  // namespace berth::worker
