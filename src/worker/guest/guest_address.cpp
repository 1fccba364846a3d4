// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest/guest_address.hpp"

#include "base/text.hpp"
#include "store/host_state.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/process.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kAskSeconds = 10;

std::string seen_address(const Config& config, const std::string& server) {
  const State state(Layout(config.paths).state);
  for (const auto& seen : find_server(config, state, server)) {
    if (seen.domain.addresses.empty()) continue;
    // The host reports it and it becomes part of an option, so it must be an
      // address.
    const std::string& first = seen.domain.addresses.front();
    if (first.find_first_not_of("0123456789abcdefABCDEF.:") ==
        std::string::npos) {
      return first;
    }
  }
  return "";
}

}  // namespace

std::string guest_address(const Config& config, const std::string& server,
                          Link& link) {
  const std::string seen = seen_address(config, server);
  if (seen.empty()) return "";
  const RunResult asked = run_program(
      {"ssh", "-G", "-F", config.folder + "/ssh_config", "--", server},
      confined_ssh(config, ""), link, Deadline::in_s(kAskSeconds));
  for (const std::string& line : split(asked.out, '\n')) {
    if (line.starts_with("hostname ") && line != "hostname " + server) {
      return "";
    }
  }
  return seen;
}

}  // namespace berth::worker
