// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/child_step.hpp"

#include "store/queue.hpp"
#include "worker/build/build_steps.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLongestMessage = 4000;  // bytes

StepDone run_step(const Context& context, const std::string& step,
                  const Plan& plan, Report& report) {
  if (step == "database") return make_database(context, plan, report);
  if (step == "checkout") {
    // The worker has opened the connection; its socket exists.
    Guest guest(context.config, context.job.server, context.job.id,
                context.link);
    return check_out(context, plan, guest, report);
  }
  throw Error("run", step, "no child step has this name");
}

}  // namespace

int child_step(const Config& config, const std::string& step,
               const std::string& job_file) {
  Link link = Link::inherited();
  LinkReport report(link, step);
  const auto end = [&link](bool ok, const std::string& message,
                           const json::value& note) {
    link.send({{"end",
                {{"ok", ok},
                 {"message", link.mask().line(message, kLongestMessage)},
                 {"note", note}}}});
    return ok ? 0 : 1;
  };
  try {
    const JobFile file(job_file);
    const Context context(config, file.job, link);
    const StepsRead read = read_plan(read_steps(file.folder, file.id));
    if (!read.plan) throw Error("run", step, "preflight has not ended");
    const StepDone done = run_step(context, step, *read.plan, report);
    return end(true, done.message, done.note);
  } catch (const Interrupted&) {
    return end(false, "stopped", nullptr);
  } catch (const std::exception& e) {
    return end(false, e.what(), nullptr);
  }
}

}  // namespace berth::worker
