// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build.hpp"

#include "worker/pair.hpp"
#include "worker/settle.hpp"

namespace berth::worker {
namespace {

// After this many deaths of its worker a job is not tried again.
constexpr int kAttempts = 3;

}  // namespace

JobResult result_of_stop(const Job& job, const Stopped& stopped) {
  JobResult out;
  if (stopped.by == Stopped::By::failure) {
    out.outcome = "failed";
    out.failed_step = stopped.step;
    out.detail = stopped.text;
  } else if (stopped.by == Stopped::By::cancel || job.cancel) {
    out.outcome = "cancelled";
    out.detail = job.cancel ? "cancelled by " + job.cancel->user
                            : std::string("cancelled");
    out.detail += ", the server is as it was";
  } else if (stopped.by == Stopped::By::death && job.attempt >= kAttempts) {
    out.outcome = "failed";
    out.failed_step = stopped.step;
    out.detail = "the worker died in " + stopped.step + " in attempt " +
                 std::to_string(job.attempt) + "; it is not tried again";
  } else {
    out.outcome = "requeue";
    out.detail = stopped.by == Stopped::By::death
                     ? "the worker died in " + stopped.step + ", put back"
                     : "berthd stopped, put back";
  }
  return out;
}

Build::Build(const Context& context, Journal& journal, std::string job_file,
             int lock_fd)
    : context_(context),
      journal_(journal),
      job_file_(std::move(job_file)),
      lock_fd_(lock_fd),
      guest_(context.config, context.job.server, context.job.id,
             context.link) {}

void Build::run() {
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
  } catch (const std::exception& e) {
    stopped = Stopped{Stopped::By::failure, journal_.current(), e.what()};
  }
  context_.link.shield();
  if (stopped) return stop(*stopped);
  after_switch();
}

void Build::until_switched() {
  journal_.begin("preflight");
  const StepDone checked = preflight(context_, guest_, journal_, plan_);
  journal_.end("preflight", "done", checked.message, checked.note);
  planned_ = true;
  make_parts();
  journal_.during("render", [&] {
    return render_files(context_, plan_, guest_, journal_).message;
  });
  if (context_.wants_database()) {
    journal_.during("prepare", [&] {
      return prepare(context_, guest_,
                     context_.wants_checkout() ? "idle" : "current", journal_)
          .message;
    });
    prepared_ = true;
  }
  context_.link.check();
  if (!context_.link.ask("commit")) {
    throw Interrupted{Interrupted::Why::cancel};
  }
  context_.link.shield();
  switch_begun_ = switch_open_ = true;
  journal_.begin("switch");
  const StepDone switched = switch_over(context_, plan_, guest_, journal_);
  journal_.end("switch", "done", switched.message);
  switch_open_ = false;
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

void Build::settle(const StepsRead& read) {
  context_.link.shield();
  Stopped stopped{Stopped::By::death, "preflight", "the worker died"};
  if (!read.last.empty()) stopped.step = read.last;
  if (read.plan) plan_ = *read.plan;
  planned_ = read.plan.has_value();
  switch_begun_ = read.switch_begun;
  prepared_ = read.prepared;
  journal_.log_for("job", "settling: an earlier worker got as far as " +
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

void Build::stop(const Stopped& stopped) {
  journal_.log_for("job", "stopped in " + stopped.step + ": " + stopped.text);
  try {
    if (switch_begun_ && committed()) {
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
    roll_back();
  } catch (const Unsettled&) {
    throw;
  } catch (const Error& e) {
    // Away, or an answer that we cannot take for one ("another server now").
    throw Unsettled(e.action(), e.subject(), e.cause());
  }
  journal_.finish(result_of_stop(context_.job, stopped));
}

bool Build::committed() { return was_committed(context_, plan_, guest_); }

void Build::roll_back() {
  if (!planned_) return;  // nothing was made yet
  put_back(context_, plan_, switch_begun_, guest_, journal_);
}

void Build::after_switch() {
  std::string step = "switch";
  try {
    confirm_on_guest(context_, guest_, journal_);
    if (!prepared_) {
      step = "prepare";
      journal_.during(step, [&] {
        return prepare(context_, guest_, "current", journal_).message +
               ", after the switch";
      });
    }
    step = "restart";
    std::int64_t offset = 0;
    journal_.during(step, [&] {
      Restarted done = restart(context_, guest_, journal_);
      offset = done.error_offset;
      return done.message;
    });
    step = "verify";
    if (context_.application.verify &&
        !context_.application.url_on(context_.job.server).empty()) {
      journal_.during(step, [&] {
        return verify(context_, guest_, offset, journal_);
      });
    } else {
      journal_.skip(step, "the application has no verify or no url");
    }
    finish("", "");
  } catch (const Unsettled&) {
    throw;
  } catch (const std::exception& e) {
    journal_.close_open(step, e.what());
    finish(step, e.what());
  }
}

void Build::finish(const std::string& failed_step,
                   const std::string& detail) {
  forget_on_guest(context_, guest_, journal_);
  JobResult result;
  result.outcome = failed_step.empty() ? "succeeded" : "failed";
  result.failed_step = failed_step;
  result.committed = true;
  result.revision = plan_.revision;
  result.detail = context_.application.name + " " + plan_.path + "@" +
                  plan_.revision.substr(0, 12) + " on " + context_.job.server;
  if (!plan_.generation.empty()) result.detail += ", data " + plan_.generation;
  if (!detail.empty()) {
    result.detail = failed_step + " failed, the new build was kept: " + detail;
  }
  result.configuration = configuration(failed_step.empty());
  journal_.finish(result);
}

json::value Build::configuration(bool verified) {
  Configuration out;
  out.application = context_.application.name;
  out.path = plan_.path;
  out.revision = plan_.revision;
  out.kind = context_.application.kind;
  out.slot = plan_.slot;
  const auto oid = context_.wants_database() ? plan_.copy_oid : plan_.live_oid;
  if (context_.cluster && oid) {
    out.database = DatabaseOnServer{context_.cluster->name, plan_.live, *oid,
                                    plan_.generation, plan_.data_at};
  }
  out.templates = plan_.templates;
  out.user = context_.job.user;
  out.note = context_.arguments.note;
  out.job = context_.job.id;
  out.built_at = wall_now();
  out.verified = verified;
  out.url = context_.application.url_on(context_.job.server);
  return to_json(out);
}

}  // namespace berth::worker
