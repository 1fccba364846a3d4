// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/preflight.hpp"

#include "base/error.hpp"
#include "worker/repository.hpp"
#include "worker/running.hpp"

namespace berth::worker {
namespace {

// On the guest: below this a checkout is not begun.
constexpr std::int64_t kGuestFloor = std::int64_t{256} << 20;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw Error("build on", what, why);
}

std::string text_at(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : "";
}

void read_guest(const Context& context, Guest& guest, Report& report,
                Plan& plan) {
  const std::string& server = context.job.server;
  guest.connect(Deadline::in_s(20));
  const json::object status =
      guest.call("status", {{"application", context.application.name}}, report,
                 context.deadline("preflight"));
  plan.current = text_at(status, "current");
  const auto* free = status.if_contains("free_bytes");
  if (free && free->is_int64() && free->as_int64() < kGuestFloor &&
      context.wants_checkout()) {
    refuse(server, "only " + std::to_string(free->as_int64() >> 20) +
                       " MiB are free there");
  }
  const auto* pending = status.if_contains("pending");
  if (pending && pending->is_object()) {
    refuse(server, "job " +
                       json::serialize(pending->as_object().at("job")) +
                       " left a switch unsettled on it");
  }
  if (context.wants_checkout()) {
    plan.slot = plan.current == "a" ? "b" : "a";
    return;
  }
  const auto* slots = status.if_contains("slots");
  const auto* slot = slots && slots->is_object() && !plan.current.empty()
                         ? slots->as_object().if_contains(plan.current)
                         : nullptr;
  if (!slot || !slot->is_object()) {
    refuse(server, "there is no checkout of " + context.application.name +
                       " on it yet; build with a checkout");
  }
  plan.slot = plan.current;
  plan.path = text_at(slot->as_object(), "path");
  plan.revision = text_at(slot->as_object(), "revision");
}

}  // namespace

StepDone preflight(const Context& context, Guest& guest, Report& report,
                   Plan& plan) {
  require_running(context, "build on");
  const auto templates =
      read_templates(context.config.folder, context.application.name);
  plan.templates = templates_digest(templates);
  read_guest(context, guest, report, plan);
  if (context.wants_checkout()) {
    plan.path = context.arguments.path;
    plan.revision = resolve_revision(
        context.application, plan.path, context.arguments.revision,
        context.link, context.deadline("preflight"));
  }
  read_cluster(context, plan, report);
  render_all(templates, context.variables(plan, plan.live));
  return {plan.path + "@" + plan.revision.substr(0, 12) +
              (plan.base.empty() ? "" : ", data " + plan.generation),
          to_json(plan)};
}

}  // namespace berth::worker
