// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/running.hpp"

#include "base/error.hpp"
#include "store/host_state.hpp"
#include "store/state.hpp"

namespace berth::worker {

void require_allowed(const Context& context, const std::string& action) {
  const std::string& server = context.job.server;
  if (!context.application.allowed_on(server)) {
    throw Error(action, server,
                "application " + context.application.name +
                    " may not be built there (berth.conf, servers)");
  }
}

void require_running(const Context& context, const std::string& action) {
  require_allowed(context, action);
  const std::string& server = context.job.server;
  const State state(context.layout.state);
  for (const auto& [host, unused] : context.config.hosts) {
    const auto body = state.read_json("hosts/" + host + ".json");
    if (!body) continue;
    const HostState seen = host_state_from_json(*body);
    if (!seen.connected) continue;
    for (const DomainState& domain : seen.domains) {
      if (domain.server == server && domain.state != "running") {
        throw Error(action, server,
                    "the server is " + domain.state + "; start it first");
      }
    }
  }
}

}  // namespace berth::worker
