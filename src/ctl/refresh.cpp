// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl refresh APP [--again] [--wait]: makes a new base from the
// application's dump; for a nightly timer or cron job, and by hand.
#include "ctl/command.hpp"
#include "ctl/follow.hpp"
#include "ctl/submission.hpp"
#include "model/job.hpp"

namespace berth::ctl {
namespace {

// Fetch and restore of a big dump may take a night.
constexpr std::int64_t kRefreshPatience = 24 * 3600;

}  // namespace

int refresh(const Context& context, const Words& words) {
  if (words.size() != 1) throw UsageError("refresh requires an application");
  RefreshArguments arguments;
  arguments.again = context.line.has("again");
  const Config config = load_config(context.config_file);
  const Drop drop = root_drop("refresh", words[0], to_json(arguments));
  const auto receipt = submit_drop(config, drop, kReceiptPatience);
  const int status = print_receipt(config, drop, receipt, Printed::detail);
  const bool wait = context.line.has("wait");
  if (status != kAccepted || !receipt->job || !wait) return status;
  const auto end = follow(config, *receipt->job,
                          patience(context, kRefreshPatience), true);
  return tell_end(config, *receipt->job, end);
}

}  // namespace berth::ctl
