// SPDX-License-Identifier: GPL-2.0-or-later
// state/hosts/HOST.json: what berth-watch last saw of one host.
//
// One object that cannot be read is one that is missing, named in `problems`:
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
  std::string server;    // the server it is (alias or the same)
  std::string state;     // libvirt's words: "running", "shut off", ...
  std::string uuid;
  std::vector<std::string> addresses;
  // "lease" or "arp" (the hypervisor's), "ssh_config"; empty without any.
  std::string addresses_from;
  std::int64_t vcpus = 0;
  std::int64_t memory = 0;  // bytes
  // Of all disks that are no drives for media; 0 when the host cannot tell.
  std::int64_t disk_capacity = 0, disk_allocation = 0;  // bytes
  // Since when it runs, or was last reset, as far as a watcher saw it.
  std::optional<Instant> since;
  // Tells one run of a domain from the next: libvirt's id, -1 when it is off.
  std::int64_t run = -1;
  std::int64_t cpu_ms = 0;
  std::vector<Snapshot> snapshots;  // oldest first
  // What of it the watcher cannot show, and why: "snapshot 'x': ...".
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

// A domain that the host's `servers` match and that is no server: shown, so
// that nobody looks for it in a log.
struct SkippedDomain {
  std::string domain;  // fit to print
  std::string reason;  // and what to do

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
  std::string reason;    // why not, in libvirt's words
  Instant as_of = 0;     // of the last full read
  std::vector<DomainState> domains;
  std::vector<SkippedDomain> skipped;  // kMostSkipped at most
  std::int64_t skipped_more = 0;       // how many beyond
  // Only of host_state_from_json(): what it could not read. Not written.
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
// Throws JsonError only when nothing of it can be used: another format, or no
// host, uri or as_of.
HostState host_state_from_json(const json::value& value);
// "hosts/HOST.json", in state/.
std::string host_state_file(const std::string& host);
// nullopt: there is none, or nothing of it can be
// used, which is as good as a host that was never asked - the others are read.
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
