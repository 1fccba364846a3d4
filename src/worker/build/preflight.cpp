// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/preflight.hpp"

#include "base/error.hpp"
#include "base/name.hpp"
#include "step/stop.hpp"
#include "worker/guest/guest_status.hpp"
#include "worker/job/running.hpp"
#include "worker/render/variables.hpp"
#include "worker/repository/known_paths.hpp"
#include "worker/repository/repository.hpp"

namespace berth::worker {
namespace {

// With less free space on the guest no checkout is begun.
constexpr std::int64_t kGuestFloor = std::int64_t{256} << 20;

// For a problem of the guest, which another server may not have.
[[noreturn]] void refuse_build(const std::string& what,
                               const std::string& why) {
  throw UnfitServer("build on", what, why);
}

void read_guest(const Context& context, Guest& guest, Report& report,
                Plan& plan) {
  const std::string& server = context.job.server;
  guest.connect(Deadline::in_s(kConnectSeconds));
  const json::object status =
      guest_status(guest, server, {{"application", context.application.name}},
                   report, context.deadline("preflight"));
  plan.current = slot_at(status, "current");
  // A berth-guest that does not send the member does not have the step.
  plan.converges = bool_or(status, "converge", false);
  const std::int64_t free = int64_or(status, "free_bytes", kGuestFloor);
  if (free < kGuestFloor && context.wants_checkout()) {
    refuse_build(server, "only " + std::to_string(free >> 20) +
                             " MiB are free on it; a checkout needs " +
                             std::to_string(kGuestFloor >> 20) + " MiB");
  }
  const std::string other = unsettled_switch(status);
  if (!other.empty()) {
    // A job that only reads may run while another one switches.
    if (!only_looks(context.job.kind)) {
      refuse_build(server, other + " left a switch unsettled on it; root must "
                                   "settle it there, see \"settle\" in "
                                   "berth-guest(8)");
    }
    report.log(other + " has not finished its switch");
  }
  if (context.wants_checkout()) {
    plan.slot = plan.current == "a" ? "b" : "a";
    return;
  }
  const json::object* slots = if_object(status, "slots");
  const json::object* slot = slots && !plan.current.empty()
                                 ? if_object(*slots, plan.current)
                                 : nullptr;
  if (!slot) {
    refuse_build(server, "it has no checkout of " + context.application.name +
                             " yet; build with a checkout");
  }
  plan.slot = plan.current;
  plan.path = string_or(*slot, "path", "");
  plan.revision = string_or(*slot, "revision", "");
  const std::string& kind = context.application.kind;
  if (refuse_path(kind, plan.path) || plan.revision.empty() ||
      refuse_revision(kind, plan.revision)) {
    refuse_build(server, "the path and revision that its guest reports for "
                         "slot " + plan.slot + " are not valid for " +
                             context.application.name +
                             "; build with a checkout");
  }
  const std::string& asked = context.arguments.path;
  if (!asked.empty() && asked != plan.path) {
    report.log("the checkout on the server is now " + plan.path + ", not " +
               asked + "; it is kept");
  }
}

// A reply of the guest, or its absence, concerns the server. Any other Error -
// berth.conf, a program or a file of the console - does not, and would be the
// same with the next server.
template <class Look>
void look_at_guest(Look look) {
  const auto unfit = [](const Error& e) {
    throw UnfitServer(e.action(), e.subject(), e.cause());
  };
  try {
    look();
  } catch (const Away& e) {
    unfit(e);
  } catch (const GuestError& e) {
    unfit(e);
  } catch (const LateGuest& e) {
    unfit(e);
  }
}

std::string find_revision(const Context& context, const std::string& path) {
  try {
    return resolve_revision(context.application, path,
                            context.arguments.revision, context.link,
                            context.deadline("preflight"));
  } catch (const NoSuchPath& e) {
    throw Error("find", path,
                e.cause() + near_paths(context.layout,
                                       context.application.name, path));
  }
}

}  // namespace

void preflight_without_guest(const Context& context, Report& report) {
  require_allowed(context, "build on");
  require_verify_ca(context);
  Plan plan;
  const auto templates =
      read_templates(context.config.folder, context.application.name);
  if (context.wants_checkout()) {
    plan.path = context.arguments.path;
    plan.slot = "a";
    plan.revision = resolve_revision(
        context.application, plan.path, context.arguments.revision,
        context.link, context.deadline("preflight"));
  }
  read_cluster(context, plan, report);
  render_all(templates, variables_for(context, plan, plan.live));
}

StepDone preflight(const Context& context, Guest& guest, Report& report,
                   Plan& plan) {
  require_running(context, "build on");
  require_verify_ca(context);
  const auto templates =
      read_templates(context.config.folder, context.application.name);
  plan.templates = templates_digest(templates);
  look_at_guest([&] { read_guest(context, guest, report, plan); });
  if (context.wants_checkout()) {
    plan.path = context.arguments.path;
    plan.revision = find_revision(context, plan.path);
  }
  read_cluster(context, plan, report);
  render_all(templates, variables_for(context, plan, plan.live));
  return {plan.path + "@" + plan.revision.substr(0, 12) +
              (plan.base.empty() ? "" : ", data " + plan.generation),
          to_json(plan)};
}

}  // namespace berth::worker
