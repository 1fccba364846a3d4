// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/job_claim.hpp"

#include "runner/world/world.hpp"

namespace berth::runner {

std::string claim_of(const Config& config, const Job& job) {
  const JobKindRow& row = row_of(job.kind);
  const std::string own = std::string(row.name) + ":";
  // The unsettled job that this power job helps holds the server's claim.
  if (job.kind == JobKind::power && job.arguments.contains("beside")) {
    return own + job.server;
  }
  switch (row.claim) {
    case Claim::user:
      return own + job.user;
    case Claim::server:
      return own + job.server;
    case Claim::cluster:
      return own + cluster_of(config, job);
    case Claim::place:
      break;
  }
  if (!job.server.empty()) return "server:" + job.server;
  return job.application.empty() ? "" : "application:" + job.application;
}

bool in_background(const Job& job) {
  const JobKindRow& row = row_of(job.kind);
  return row.background || (row.background_if_ours && job.user == "berth");
}

}  // namespace berth::runner
