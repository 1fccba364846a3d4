// SPDX-License-Identifier: GPL-2.0-or-later
// host_of() and await_seen() of worker/machine/on_host.hpp.
#include "store/host_state.hpp"
#include "store/state.hpp"
#include "worker/machine/on_host.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kSeenWithin = 5;  // seconds
constexpr std::int64_t kHostLook = 50;   // ms

}  // namespace

const HostConfig& host_of(const Config& config, const Layout& layout,
                          const std::string& server) {
  const State state(layout.state);
  const HostConfig* found = nullptr;
  for (const auto& seen : find_server(config, state, server)) {
    if (found) {
      throw Error("find", server,
                  "it is a domain on " + found->name + " and on " +
                      seen.host.name + "; rename one, or give it an alias");
    }
    found = &seen.host;
  }
  if (!found) throw Error("find", server, "no host lists it");
  return *found;
}

void await_seen(const Context& context, const HostConfig& host,
                const std::function<bool(const DomainState&)>& wanted) {
  if (context.link.by_hand()) return;
  context.link.send({{"look", host.name}});
  const State state(context.layout.state);
  const Deadline end = Deadline::in_s(kSeenWithin);
  while (!end.passed()) {
    const auto seen = read_host_state(state, host.name);
    if (!seen) return;
    for (const auto& domain : seen->domains) {
      if (domain.server == context.job.server && wanted(domain)) return;
    }
    context.link.sleep(kHostLook);
  }
}

}  // namespace berth::worker
