// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/job_claim.hpp"

#include "runner/world/world.hpp"

namespace berth::runner {

std::string claim_of(const Config& config, const Job& job) {
  // It disturbs nobody; but nobody fills all places with them either.
  if (job.kind == "preview") return "preview:" + job.user;
  if (job.kind == "power" && job.arguments.contains("beside")) {
    return "power:" + job.server;
  }
  if (job.kind == "check") return "check:" + job.server;
  if (!job.server.empty()) return "server:" + job.server;
  if (job.kind == "spare") return "spare:" + cluster_of(config, job);
  return job.application.empty() ? "" : "application:" + job.application;
}

bool in_background(const Job& job) {
  return job.kind == "refresh" || job.kind == "spare" ||
         (job.kind == "check" && job.user == "berth");
}

}  // namespace berth::runner
