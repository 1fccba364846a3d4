// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/host_state.hpp"

namespace berth {
namespace {

// Since when a domain runs is a detail: an invalid instant is left out.
std::optional<Instant> since_of(ObjectReader& in,
                                std::vector<std::string>& problems) {
  try {
    return in.optional_instant("since");
  } catch (const JsonError& e) {
    problems.push_back(e.what());
    return std::nullopt;
  }
}

DomainState domain_from_json(const json::value& value) {
  ObjectReader in(value, "domain");
  DomainState d;
  d.name = in.string("name");
  d.server = in.string("server");
  d.state = in.string("state");
  d.uuid = in.string("uuid");
  d.vcpus = in.integer("vcpus");
  d.memory = in.integer("memory");
  read_each(in.optional_value("problems"), "problems", d.problems, d.problems);
  read_each(in.optional_value("addresses"), "addresses", d.problems,
            d.addresses);
  d.addresses_from = in.optional_string("addresses_from").value_or("");
  d.disk_capacity = in.optional_integer("disk_capacity").value_or(0);
  d.disk_allocation = in.optional_integer("disk_allocation").value_or(0);
  d.since = since_of(in, d.problems);
  d.run = in.optional_integer("run").value_or(-1);
  d.cpu_ms = in.optional_integer("cpu_ms").value_or(0);
  read_each(in.optional_value("snapshots"), "snapshots", d.problems,
            d.snapshots);
  in.finish();
  return d;
}

}  // namespace

std::string state_words(int state) {
  // In the order of libvirt's enumeration, which never changes; its header must
  // not be included here.
  static const char* const words[] = {"no state",    "running",  "idle",
                                      "paused",      "in shutdown",
                                      "shut off",    "crashed",  "pmsuspended"};
  return state >= 0 && state < 8 ? words[state] : words[0];
}

json::object to_json(const HostState& s) {
  json::object out = {{"version", 1}};
  write_members(out, s);
  return out;
}

HostState host_state_from_json(const json::value& value) {
  ObjectReader in(value, "host state");
  if (in.integer("version") != 1) {
    throw JsonError("host state: unsupported format", "version");
  }
  HostState s;
  s.host = in.string("host");
  s.uri = in.string("uri");
  s.connected = in.boolean("connected");
  s.reason = in.optional_string("reason").value_or("");
  s.as_of = in.instant("as_of");
  read_each(&in.value("domains"), "domains", s.problems,
            [&s](const json::value& domain) {
              s.domains.push_back(domain_from_json(domain));
            });
  read_each(in.optional_value("skipped"), "skipped", s.problems, s.skipped);
  s.skipped_more = in.optional_integer("skipped_more").value_or(0);
  in.finish();
  return s;
}

std::string host_state_file(const std::string& host) {
  return "hosts/" + host + ".json";
}

std::optional<HostState> read_host_state(const State& state,
                                         const std::string& host) {
  try {
    const auto body = state.read_json(host_state_file(host));
    if (body) return host_state_from_json(*body);
  } catch (const JsonError&) {
    // Its watcher writes it again, and berthd logs it.
  }
  return std::nullopt;
}

std::vector<SeenServer> find_server(const Config& config, const State& state,
                                    const std::string& server) {
  std::vector<SeenServer> out;
  for (const auto& [name, host] : config.hosts) {
    auto seen = read_host_state(state, name);
    if (!seen) continue;
    for (DomainState& domain : seen->domains) {
      if (domain.server != server) continue;
      out.push_back({host, seen->connected, std::move(domain)});
    }
  }
  return out;
}

}  // namespace berth
