// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/carried.hpp"

#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

void carry(const Job& job, Carried& out) {
  if (job.kind == JobKind::build) {
    out.application = job.application;
    if (job.flag("checkout")) {
      out.path = job.text("path");
      out.revision = job.text("revision");
    } else if (!job.text("revert").empty()) {
      out.path = out.revision = "";
    }
  } else if (job.kind == JobKind::undo) {  // always within one application
    const json::object* previous = if_object(job.arguments, "previous");
    out.application = job.application;
    out.path = previous ? string_or(*previous, "path", "") : "";
    out.revision = previous ? string_or(*previous, "revision", "") : "";
  } else if (job.kind == JobKind::snapshot && job.text("action") == "revert") {
    out.path = out.revision = "";
  }
}

}  // namespace

Carried carried(const World& world, const std::string& name) {
  Carried out;
  const Server* server = world.server(name);
  if (server && server->configuration) {
    out.application = server->configuration->application;
    out.path = server->configuration->path;
    out.revision = server->configuration->revision;
  }
  for (const LiveJob* job : world.jobs_on(name)) {
    if (!job->job.cancel) carry(job->job, out);
  }
  return out;
}

}  // namespace berth::runner
