// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/running.hpp"

#include "base/error.hpp"
#include "step/stop.hpp"
#include "store/host_state.hpp"
#include "store/state.hpp"

namespace berth::worker {

void require_allowed(const Context& context, const std::string& action) {
  const std::string& server = context.job.server;
  if (!context.application.allowed_on(server)) {
    throw Error(action, server,
                "application " + context.application.name +
                    " is not allowed there (berth.conf: servers)");
  }
}

void require_running(const Context& context, const std::string& action) {
  require_allowed(context, action);
  const std::string& server = context.job.server;
  const State state(context.layout.state);
  for (const auto& seen : find_server(context.config, state, server)) {
    if (seen.connected && seen.domain.state != "running") {
      throw UnfitServer(action, server, "the server is " + seen.domain.state +
                                            "; start it first");
    }
  }
}

}  // namespace berth::worker
