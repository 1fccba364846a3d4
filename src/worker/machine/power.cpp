// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/machine/power.hpp"

#include "worker/guest/ssh_answers.hpp"
#include "worker/job/outcome.hpp"
#include "worker/machine/on_host.hpp"

namespace berth::worker {
namespace {

class PowerJob {
 public:
  PowerJob(const Context& context, Journal& journal, int lock_fd, bool begun)
      : context_(context),
        journal_(journal),
        lock_fd_(lock_fd),
        begun_(begun),
        asked_(arguments_from<PowerArguments>(context.job.arguments)) {}

  void run(bool resumed) {
    JobResult result;
    try {
      // A restarted worker is not notified of an earlier cancel.
      if (resumed && context_.job.cancel) {
        throw Interrupted{Interrupted::Why::cancel};
      }
      result.detail = work();
      result.outcome = Outcome::succeeded;
      result.committed = true;
    } catch (const Interrupted& why) {
      context_.link.shield();
      result = stopped(why);
      journal_.close_open("", "stopped");
    } catch (const StepFailed& e) {
      result = failed(e.text());
    } catch (const Away& e) {
      result = failed(std::string(e.what()) +
                      (begun_ ? "; the result is unknown, check the server's "
                               "state"
                             : "; nothing was changed"));
    } catch (const std::exception& e) {
      result = failed(e.what());
    }
    journal_.finish(result);
  }

 private:
  std::string work() {
    const HostConfig& host = host_of(context_);
    const std::int64_t seconds = host.seconds_for("power");
    journal_.begin("power");
    const StepDone done = run_on_host(
        context_, journal_, lock_fd_,
        {host, "power",
         {{"server", context_.job.server},
          {"action", asked_.action},
          {"force", asked_.force},
          {"told", begun_},
          {"patience", std::to_string(seconds) + " s"}},
         seconds, "power"},
        begun_);
    journal_.end("power", "done", done.message);
    const bool off = asked_.action == "shutdown";
    await_seen(context_, host, [off](const DomainState& domain) {
      return (domain.state == "running") != off;
    });
    if (off) {
      journal_.skip("answer", "the server is shut off");
      return done.message;
    }
    return done.message + answer(host);
  }

  std::string answer(const HostConfig& host) {
    if (!has_host_key(context_)) {
      journal_.skip("answer", "Berth has no host key of the server");
      return "";
    }
    journal_.during("answer", [&] {
      wait_for_ssh(context_, Deadline::in_s(host.seconds_for("answer")));
      return std::string("it is reachable over ssh");
    });
    return "; it is reachable over ssh";
  }

  JobResult failed(const std::string& why) {
    context_.link.shield();
    JobResult out{.failed_step = journal_.current(), .detail = why};
    if (out.failed_step == "job") out.failed_step = "power";
    journal_.close_open(out.failed_step, why);
    return out;
  }

  JobResult stopped(const Interrupted& why) const {
    const bool cancelled =
        why.why == Interrupted::Why::cancel || context_.job.cancel;
    if (begun_ && !cancelled) {
      throw Unsettled("wait for", context_.job.server,
                      "berthd is stopping; the job continues at its next "
                      "start");
    }
    JobResult out = result_of_stop(
        context_.job,
        {cancelled ? Stopped::By::cancel : Stopped::By::shutdown,
         journal_.current(), "stopped"});
    if (begun_) {
      out.detail = "cancelled" +
                   (context_.job.cancel ? " by " + context_.job.cancel->user
                                        : std::string()) +
                   "; the " + asked_.action + " of " + context_.job.server +
                   " had already been requested and may still take effect";
    }
    return out;
  }

  const Context& context_;
  Journal& journal_;
  int lock_fd_;
  bool begun_;
  PowerArguments asked_;
};

}  // namespace

void power_job(const Context& context, Journal& journal,
               const Attempt& attempt) {
  PowerJob(context, journal, attempt.lock_fd, attempt.read.begun)
      .run(attempt.resumed);
}

}  // namespace berth::worker
