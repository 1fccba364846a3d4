// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/machine/retire_server.hpp"

#include "store/steps.hpp"
#include "worker/job/act.hpp"
#include "worker/machine/on_host.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kRetireTime = 300;  // seconds; a shutdown has a minute

bool was_begun(const Context& context) {
  for (const StepRecord& r :
       read_steps(Dir(context.layout.active), context.job.id)) {
    if (if_contains(r.note, "told")) return true;
  }
  return false;
}

}  // namespace

void retire_job(const Context& context, Journal& journal,
                const Attempt& attempt) {
  const auto a = arguments_from<RetireArguments>(context.job.arguments);
  const bool begun_before = was_begun(context);
  run_act(context, journal, begun_before, [&](Act& act) {
    journal.begin("retire");
    const auto host = context.config.hosts.find(a.host);
    if (host == context.config.hosts.end()) {
      throw Error("retire", context.job.server,
                  "berth.conf no longer has host " + a.host);
    }
    // After the request to the host a cancel is too late.
    if (context.job.cancel && !begun_before) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    act.commit_in_flight = begun_before;
    const bool look = a.uuid.empty();
    StepDone done;
    try {
      done = run_on_host(context, journal, attempt.lock_fd,
                         {host->second, look ? "retire-look" : "retire-do",
                          {{"site", context.names.site()},
                           {"server", context.job.server},
                           {"uuid", a.uuid},
                           {"commit", !begun_before}},
                          kRetireTime, "retire"},
                         act.commit_in_flight);
    } catch (const StepFailed& e) {
      throw Error("retire", context.job.server, e.text());
    }
    context.link.shield();
    journal.end("retire", "done", done.message, done.note);
    return JobResult{.outcome = Outcome::succeeded, .detail = done.message,
                     .committed = !look};
  });
}

}  // namespace berth::worker
