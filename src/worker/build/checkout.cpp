// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/build_steps.hpp"

namespace berth::worker {
namespace {

std::string reply_number(const json::object& reply, const char* name) {
  const auto* value = reply.if_contains(name);
  return value && value->is_number() ? json::serialize(*value) : "?";
}

}  // namespace

StepDone check_out(const Context& context, const Plan& plan, Guest& guest,
                   Report& report) {
  const ApplicationConfig& application = context.application;
  const json::object reply = guest.call(
      "checkout",
      {{"application", application.name},
       {"kind", application.kind},
       {"repository", application.repository},
       {"path", plan.path},
       {"revision", plan.revision}},
      report, context.deadline("checkout"));
  if (string_or(reply, "slot", "") != plan.slot) {
    throw Error("check out on", context.job.server,
                "the guest used a different slot than preflight found");
  }
  if (const auto* patch = if_string(reply, "patch")) {
    report.log("local edits were saved on the guest: " + std::string(*patch));
  }
  return {reply_number(reply, "files") + " files, " +
              reply_number(reply, "changed") + " changed, slot " + plan.slot,
          json::object{{"slot", plan.slot}}};
}

}  // namespace berth::worker
