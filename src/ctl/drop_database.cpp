// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl drop-database CLUSTER NAME [--yes]: the only way to drop a database
// that Berth cannot explain. The worker on the cluster refuses to drop one that
// is in use, whatever was typed here.
#include <cstdio>

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"
#include "ctl/confirm.hpp"
#include "ctl/follow.hpp"
#include "ctl/orphans.hpp"
#include "ctl/submission.hpp"
#include "model/job.hpp"

namespace berth::ctl {
namespace {

constexpr std::int64_t kDropPatience = 600;

}  // namespace

int drop_database(const Context& context, const Words& words) {
  if (words.size() != 2 || !is_config_name(words[0]) ||
      !is_database_name(words[1])) {
    throw UsageError("drop-database requires a cluster and a database");
  }
  const std::string& cluster = words[0];
  const std::string& name = words[1];
  const Config config = load_config(context.config_file);
  if (!config.clusters.contains(cluster)) {
    throw Error("drop", name, "there is no cluster " + cluster);
  }
  std::printf("%s on cluster %s: %s\n", name.c_str(), cluster.c_str(),
              what_is_known(config, cluster, name).c_str());
  if (!context.line.has("yes") &&
      !confirmed("It will be dropped; this cannot be undone.", name,
                 "to drop it, use --yes")) {
    return kRefused;
  }
  const Drop drop =
      root_drop("drop_database", cluster,
                json::object{{"database", name}});
  const auto receipt = submit_drop(config, drop, kReceiptPatience);
  const int status = print_receipt(config, drop, receipt, Printed::detail);
  if (status != kAccepted || !receipt->job) return status;
  const auto end = follow(config, *receipt->job,
                          patience(context, kDropPatience));
  return tell_end(config, *receipt->job, end);
}

}  // namespace berth::ctl
