// SPDX-License-Identifier: GPL-2.0-or-later
// state/hosts/HOST.json: what berth-watch last saw of a host.
//
// An object that cannot be read counts as missing and is named in `problems`:
// neither the watcher nor a reader lets it hide the others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/described.hpp"
#include "model/snapshot.hpp"

#include "store/state.hpp"

namespace berth {

struct DomainState {
  std::string name;      // the domain's own name
  std::string server;    // by alias, or the same name
  std::string state;     // libvirt's: "running", "shut off", ...
  std::string uuid;
  std::vector<std::string> addresses;
  // "lease" or "arp" (of the host), "ssh_config"; empty without addresses.
  std::string addresses_from;
  std::int64_t vcpus = 0;
  std::int64_t memory = 0;  // bytes
  // Of all disks that are not removable; 0 if the host cannot report it.
  std::int64_t disk_capacity = 0, disk_allocation = 0;  // bytes
  // Since when it runs, or was last reset, if a watcher saw that.
  std::optional<Instant> since;
  // Distinguishes one run of a domain from the next: libvirt's id, -1 if it is
  // off.
  std::int64_t run = -1;
  std::int64_t cpu_ms = 0;
  std::vector<Snapshot> snapshots;  // oldest first
  // What the watcher cannot show of it, and why: "snapshot 'x': ...".
  std::vector<std::string> problems;

  bool operator==(const DomainState&) const = default;
};
BOOST_DESCRIBE_STRUCT(DomainState, (),
                      (name, server, state, uuid, addresses, addresses_from,
                       vcpus, memory, disk_capacity, disk_allocation, since,
                       run, cpu_ms, snapshots, problems))
template <>
inline constexpr JsonRules kJsonRules<DomainState>{
    .nulled = {"addresses_from"}};

// A domain that matches the host's `servers` but is not a server: shown, so
// that nobody has to search a log for it.
struct SkippedDomain {
  std::string domain;  // printable
  std::string reason;  // with the remedy

  bool operator==(const SkippedDomain&) const = default;
};
BOOST_DESCRIBE_STRUCT(SkippedDomain, (), (domain, reason))
template <>
inline constexpr JsonRules kJsonRules<SkippedDomain>{.name = "skipped domain"};

inline constexpr std::size_t kMostSkipped = 100;  // of a host

struct HostState {
  std::string host;
  std::string uri;
  bool connected = false;
  std::string reason;    // why it is not connected, from libvirt
  Instant as_of = 0;     // of the last full read
  std::vector<DomainState> domains;
  std::vector<SkippedDomain> skipped;  // at most kMostSkipped
  std::int64_t skipped_more = 0;       // number of the others
  // Set by host_state_from_json(): what it could not read. Not written.
  std::vector<std::string> problems;
};
BOOST_DESCRIBE_STRUCT(HostState, (),
                      (host, uri, connected, reason, as_of, domains, skipped,
                       skipped_more))
template <>
inline constexpr JsonRules kJsonRules<HostState>{.nulled = {"reason"}};

// The words of `virsh list` for a virDomainState: "running", "shut off", ...
std::string state_words(int state);

json::object to_json(const HostState& state);
// Throws JsonError only if nothing can be used: an unknown format, or no host,
// uri or as_of.
HostState host_state_from_json(const json::value& value);
// "hosts/HOST.json", in state/.
std::string host_state_file(const std::string& host);
// Reads it. nullopt if it does not exist or nothing of it can be used; the host
// then counts as one without a state.
std::optional<HostState> read_host_state(const State& state,
                                         const std::string& host);

// Where the hosts list a server: on one, unless two have a domain that is it.
struct SeenServer {
  const HostConfig& host;
  bool connected = false;  // else it is what was last seen
  DomainState domain;
};
std::vector<SeenServer> find_server(const Config& config, const State& state,
                                    const std::string& server);

}  // namespace berth
