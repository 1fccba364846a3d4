// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps state/hosts/HOST.json up to date: connects, reads every domain,
// listens, reads a domain again after an event and everything once a minute,
// and reconnects with growing pauses when the connection is lost.
//
// An event is only a hint that a domain changed; the domain itself is then
// read. While the host is unreachable, the last state remains published, with
// connected = false and libvirt's reason. The file's time is the heartbeat: it
// is updated every kHeartbeatMs while this process runs, with or without the
// host; berthd restarts a watcher that misses three. That handles a hypervisor
// that hangs in a call, and no thread is needed.
//
// Rejected: publishing what the events report, because they name a change and
// not a state, and a lost event would never be corrected.
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
  // State, loop and config must outlive it. Only tests set `first_retry_ms`.
  Watcher(EventLoop& loop, const State& state, const HostConfig& host,
          std::int64_t first_retry_ms = kFirstRetryMs,
          const std::string& ssh_config = "");

  void connect();
  const HostState& seen() const { return seen_; }
  // Called when berthd reports that a job changed something without an event,
  // such as a snapshot of a server that is off. Everything is read again soon.
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
  std::map<std::string, SkippedDomain> skipped_;  // by uuid; shown by name
  std::unique_ptr<Connection> connection_;
  std::set<std::string> changed_;  // uuids in events
  std::map<std::string, Instant> restarted_;  // uuids, by the time of the event
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
