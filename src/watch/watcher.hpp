// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps state/hosts/HOST.json true: connects, reads every domain, listens,
// reads again what an event names and everything once a minute, and starts
// over with growing pauses when the connection is gone.
//
// An event is a hint that a domain changed, never the news itself: the domain
// is asked. What is published while the host is away is the last that was
// seen, with connected = false and libvirt's reason. The file's time is the
// heartbeat: it moves every kHeartbeatMs as long as this process turns, host
// or no host; berthd restarts a watcher that misses three. A hypervisor that
// hangs inside a call is met that way, and not by a thread.
//
// Rejected: republishing from the event's own numbers (they name a change,
// not a state, and a lost one would never heal).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/config.hpp"
#include "store/host_state.hpp"
#include "store/state.hpp"
#include "watch/connection.hpp"
#include "watch/event_loop.hpp"
#include "watch/naming.hpp"
#include "watch/ssh_hosts.hpp"

namespace berth::watch {

// berthd counts three of them (kHeartbeat in runner/processes/watchers.hpp).
inline constexpr std::int64_t kHeartbeatMs = 5'000;
inline constexpr std::int64_t kFullReadMs = 60'000;
inline constexpr std::int64_t kPublishMs = 250;  // four times a second
inline constexpr std::int64_t kFirstRetryMs = 1'000;
inline constexpr std::int64_t kLastRetryMs = 60'000;

class Watcher {
 public:
  // The state, the loop and the config outlive it. `first_retry_ms` is only
  // given by tests.
  Watcher(EventLoop& loop, const State& state, const HostConfig& host,
          std::int64_t first_retry_ms = kFirstRetryMs,
          const std::string& ssh_config = "");

  void connect();
  const HostState& seen() const { return seen_; }
  // berthd says that a job changed something here of which no event tells: a
  // snapshot of a server that is off. Everything is read again soon.
  void look_again();

 private:
  void recall();
  void read_everything();
  void read_changed();
  void lost(const std::string& reason);
  void away();
  void heartbeat();
  void heartbeat_if_due();
  void publish();
  void changed(const std::string& uuid, bool restarted);
  void put(DomainState domain);
  void forget(const std::string& uuid);
  void skip(SkippedDomain domain);
  void put_since(DomainState& domain) const;
  void rebuild();

  EventLoop& loop_;
  const State& state_;
  Naming naming_;
  std::string file_;
  HostState seen_;
  std::map<std::string, DomainState> domains_;  // by uuid
  std::map<std::string, SkippedDomain> skipped_;  // by uuid; by their names
  std::unique_ptr<Connection> connection_;
  std::set<std::string> changed_;  // uuids named by events
  std::map<std::string, Instant> restarted_;  // uuids, when events said so
  SshHosts ssh_hosts_;
  std::string lost_reason_;
  std::string logged_reason_;
  std::int64_t first_retry_ms_;
  std::int64_t retry_ms_;
  std::int64_t published_at_ = 0;  // monotonic
  std::int64_t beaten_at_ = 0;     // monotonic
  Timer beat_, full_read_, changes_, retry_, loss_, again_;
};

}  // namespace berth::watch
