// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/machine/provision.hpp"

#include "base/atomic_file.hpp"
#include "base/text.hpp"
#include "store/enrolment.hpp"
#include "store/known_hosts.hpp"
#include "store/made_by_us.hpp"
#include "store/steps.hpp"
#include "worker/guest/guest_status.hpp"
#include "worker/job/outcome.hpp"
#include "worker/machine/on_host.hpp"
#include "worker/machine/seed.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kHostTime = 300;   // seconds for a step on the host
constexpr std::int64_t kKnockEvery = 2000;  // ms between two tries to enrol

// How far earlier workers of this job came.
struct Earlier {
  bool begun = false;
  bool made = false;  // possibly: a step after `check` was begun
  bool enrolled = false;
  bool cancelled = false;
  std::string failed_step, failed;
};

Earlier earlier_of(const Context& context) {
  Earlier out;
  for (const StepRecord& r :
       read_steps(Dir(context.layout.active), context.job.id)) {
    out.begun = true;
    if (r.step != "check" && r.event == "start") out.made = true;
    if (r.event != "end") continue;
    if (r.step == "enrol" && r.state == "done") out.enrolled = true;
    if (r.state != "failed") continue;
    out.failed_step = r.step;
    out.failed = r.message;
  }
  out.cancelled = context.job.cancel.has_value();
  return out;
}

class Provisioning {
 public:
  Provisioning(const Context& context, Journal& journal, int lock_fd,
               const HostConfig& host)
      : context_(context),
        journal_(journal),
        lock_fd_(lock_fd),
        arguments_(arguments_from<ProvisionArguments>(context.job.arguments)),
        host_(host) {}

  void run() {
    const Earlier earlier = earlier_of(context_);
    made_ = earlier.made;
    if (earlier.enrolled) return finish();
    if (earlier.begun) return undo(what_became(earlier));
    try {
      make();
    } catch (const Unsettled&) {
      throw;
    } catch (const Interrupted& why) {
      context_.link.shield();
      journal_.close_open("", "stopped");
      return undo(stopped(why.why == Interrupted::Why::cancel
                              ? Stopped::By::cancel
                              : Stopped::By::shutdown));
    } catch (const StepFailed& e) {
      return fail(e.text());
    } catch (const std::exception& e) {
      return fail(e.what());
    }
    finish();
  }

 private:
  StepDone on_host(const char* step, const char* in, json::object more = {}) {
    json::object arguments = {{"site", context_.names.site()},
                              {"server", context_.job.server},
                              {"job", context_.job.id},
                              {"image", arguments_.image}};
    for (auto& [name, value] : more) arguments[name] = value;
    bool begun = false;
    return run_on_host(context_, journal_, lock_fd_,
                       {host_, step, arguments, kHostTime, in}, begun);
  }

  // Runs one of the job's steps that consists of one step on the host.
  StepDone during(const char* step, const std::string& host_step,
                  json::object more = {}) {
    journal_.begin(step);
    StepDone done = on_host(host_step.c_str(), step, std::move(more));
    journal_.end(step, "done", done.message);
    return done;
  }

  void make() {
    const std::string& server = context_.job.server;
    const StepDone image = during("check", "provision-check");
    made_ = true;
    during("disk", "provision-disk", image.note.as_object());
    const std::string mac = random_mac();
    journal_.begin("seed");
    {
      const Seed seed(context_, mac);
      write_durably(Dir(context_.layout.known_hosts), server,
                    with_host_keys("", server, {seed.host_key()}), 0644);
      const StepDone done = on_host(
          "provision-seed", "seed",
          {{"file", seed.file()}, {"bytes", seed.bytes()}});
      journal_.end("seed", "done", done.message);
    }
    during("define", "provision-define", {{"mac", mac}});
    during("start", "provision-start");
    journal_.begin("enrol");
    const std::string message = wait_until_enrolled();
    context_.link.check();
    if (!context_.link.ask("commit")) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    context_.link.shield();
    journal_.end("enrol", "done", message);
  }

  // Waits until the server has booted, has been enrolled by its own cloud-init,
  // and answers through the forced command with the host key from the seed.
  std::string wait_until_enrolled() {
    const Deadline deadline = context_.deadline("enrol");
    std::string last;
    while (!deadline.passed()) {
      try {
        return knock();
      } catch (const Away& e) {
        last = e.what();
      } catch (const Error& e) {
        last = e.what();  // it can be reached, but is not fully enrolled
      }
      context_.link.sleep(kKnockEvery);
    }
    throw Error("enrol", context_.job.server,
                "timed out; the last error was: " + last);
  }

  std::string knock() {
    const std::string& server = context_.job.server;
    Guest guest(context_.config, server, context_.job.id, context_.link);
    guest.connect(Deadline::in_s(kConnectSeconds));
    const auto known = guest_conf_for(context_.config, server).applications;
    for (const auto& name : known) {
      guest_status(guest, server, {{"application", name}}, journal_,
                   Deadline::in_s(kStatusSeconds));
    }
    return "berth reaches it: " + join(known, ", ");
  }

  // After the commit point: removes the seed, with as many attempts as needed.
  void finish() {
    context_.link.shield();
    journal_.begin("tidy");
    JobResult result{
        .outcome = Outcome::succeeded,
        .detail = context_.job.server + " is now a server of host " +
                  host_.name + ", created from image " + arguments_.image,
        .committed = true};
    try {
      journal_.end("tidy", "done",
                   on_host("provision-tidy", "tidy").message);
    } catch (const StepFailed& e) {
      // The server is usable although the host did not remove the seed.
      journal_.close_open("tidy", e.text());
      result.detail += "; cannot remove its seed, which contains its host key: "
                       + e.text();
    }
    remove_seed_folder(context_);
    journal_.finish(result);
  }

  void fail(const std::string& why) {
    context_.link.shield();
    const std::string step = journal_.current();
    journal_.close_open(step, why);
    undo(result_of_stop(context_.job,
                        {Stopped::By::failure, step, why}));
  }

  JobResult stopped(Stopped::By by) const {
    JobResult out =
        result_of_stop(context_.job, {by, journal_.current(), "stopped"});
    if (out.outcome == Outcome::cancelled && context_.job.cancel) {
      out.detail = "cancelled by " + context_.job.cancel->user;
    } else if (out.outcome == Outcome::cancelled) {
      out.detail = "cancelled";
    }
    return out;
  }

  JobResult what_became(const Earlier& earlier) const {
    if (earlier.cancelled) {
      return stopped(Stopped::By::cancel);
    }
    if (!earlier.failed.empty()) {
      return result_of_stop(context_.job,
                            {Stopped::By::failure, earlier.failed_step,
                             earlier.failed});
    }
    return result_of_stop(context_.job,
                          {Stopped::By::death, "provisioning", ""});
  }

  // Removes what this job created, then ends it. Away is not caught: the job is
  // then unsettled.
  void undo(JobResult result) {
    context_.link.shield();
    try {
      if (made_) journal_.log(on_host("provision-clean", "check").message);
    } catch (const StepFailed& e) {
      result.outcome = Outcome::failed;
      result.detail += "; cannot remove what was created on host " +
                       host_.name + ": " + e.text();
    }
    try {
      const Dir known(context_.layout.known_hosts);
      if (known.unlink(context_.job.server)) known.sync();
      remove_seed_folder(context_);
    } catch (const Error& e) {
      journal_.log(e.what());
    }
    journal_.finish(result);
  }

  const Context& context_;
  Journal& journal_;
  const int lock_fd_;
  const ProvisionArguments arguments_;
  const HostConfig& host_;
  bool made_ = false;
};

}  // namespace

void provision_job(const Context& context, Journal& journal,
                   const Attempt& attempt) {
  const auto arguments =
      arguments_from<ProvisionArguments>(context.job.arguments);
  const auto host = context.config.hosts.find(arguments.host);
  if (host == context.config.hosts.end()) {
    // What the job may have created on it cannot be found.
    throw Unsettled("create", context.job.server,
                    "berth.conf no longer has host " + arguments.host);
  }
  Provisioning(context, journal, attempt.lock_fd, host->second).run();
}

}  // namespace berth::worker
