// SPDX-License-Identifier: GPL-2.0-or-later
// state/hosts/HOST.json: what berth-watch last saw of one host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace berth {

struct DomainState {
  std::string name;      // the domain's own name
  std::string server;    // the server it is (alias or the same)
  std::string state;     // libvirt's words: "running", "shut off", ...
  std::string uuid;
  std::vector<std::string> addresses;
  std::int64_t vcpus = 0;
  std::int64_t memory = 0;  // bytes
};

struct HostState {
  std::string host;
  std::string uri;
  bool connected = false;
  std::string reason;    // why not, in libvirt's words
  Instant as_of = 0;     // of the last full read
  std::vector<DomainState> domains;
};

json::value to_json(const HostState& state);
HostState host_state_from_json(const json::value& value);

}  // namespace berth
