// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/watcher.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"

namespace berth::watch {

Watcher::Watcher(EventLoop& loop, const State& state, const HostConfig& host,
                 std::int64_t first_retry_ms, const std::string& ssh_config)
    : loop_(loop),
      state_(state),
      naming_(host),
      file_(host_state_file(host.name)),
      ssh_hosts_(ssh_config),
      first_retry_ms_(first_retry_ms),
      retry_ms_(first_retry_ms),
      beat_(loop, [this] { heartbeat(); }),
      full_read_(loop, [this] { read_everything(); }),
      changes_(loop, [this] { read_changed(); }),
      retry_(loop, [this] { connect(); }),
      loss_(loop, [this] { away(); }),
      again_(loop, [this] { read_everything(); }) {
  seen_.host = host.name;
  seen_.uri = host.uri;
  seen_.reason = "not read yet";
  recall();
  beat_.every(kHeartbeatMs);
}

// The state that an earlier watcher saw remains while the host is unreachable.
void Watcher::recall() {
  try {
    const auto body = state_.read_json(file_);
    if (!body) return;
    HostState before = host_state_from_json(*body);
    if (before.uri != seen_.uri) return;
    for (const auto& problem : before.problems) {
      log_warning("the previous state of host " + seen_.host + ": " +
                  printable(problem));
    }
    seen_.as_of = before.as_of;
    for (auto& domain : before.domains) {
      const auto server = naming_.server_of(domain.name);
      if (!server) continue;
      domain.server = *server;
      domains_[domain.uuid] = std::move(domain);
    }
    rebuild();
  } catch (const std::exception& error) {
    log_warning("cannot use the previous state of host " + seen_.host + ": " +
                error.what());
  }
}

void Watcher::connect() {
  std::string reason;
  connection_ = Connection::open(
      loop_, seen_.uri,
      {[this](const std::string& uuid, bool restarted) {
         changed(uuid, restarted);
       },
       [this](const std::string& why) { lost(why); }},
      reason);
  if (!connection_) return lost(reason);
  full_read_.every(kFullReadMs);
  read_everything();
}

void Watcher::changed(const std::string& uuid, bool restarted) {
  changed_.insert(uuid);
  if (restarted) restarted_[uuid] = wall_now();
  if (changes_.running()) return;
  const std::int64_t since = monotonic_ms() - published_at_;
  changes_.once(std::max<std::int64_t>(0, kPublishMs - since));
}

void Watcher::look_again() {
  if (again_.running()) return;
  const std::int64_t since = monotonic_ms() - published_at_;
  again_.once(std::max<std::int64_t>(0, kPublishMs - since));
}

// Only notes the loss, because it may run in a callback of that connection.
void Watcher::lost(const std::string& reason) {
  lost_reason_ = reason;
  loss_.once(0);
}

void Watcher::away() {
  connection_.reset();
  full_read_.stop();
  changes_.stop();
  changed_.clear();
  seen_.connected = false;
  seen_.reason = lost_reason_;
  if (logged_reason_ != lost_reason_) {
    log_warning("host " + seen_.host + " (" + seen_.uri +
                ") is unreachable: " + lost_reason_ + "; retrying");
    logged_reason_ = lost_reason_;
  }
  publish();
  retry_.once(retry_ms_);
  retry_ms_ = std::min(retry_ms_ * 2, kLastRetryMs);
}

void Watcher::read_everything() {
  if (!connection_) return;
  // A connection that lasted until its second reading earns a quick retry; one
  // that is lost at once does not.
  if (seen_.connected) retry_ms_ = first_retry_ms_;
  std::string reason;
  ssh_hosts_.read();
  auto all = connection_->read_all(reason, [this] { heartbeat_if_due(); });
  if (!all) return lost(reason);
  std::set<std::string> listed;
  for (auto& domain : *all) {
    listed.insert(domain.uuid);
    put(std::move(domain));
  }
  const auto vanished = [&](const auto& one) {
    return !listed.contains(one.first);
  };
  std::erase_if(domains_, vanished);
  std::erase_if(skipped_, vanished);
  restarted_.clear();
  rebuild();
  if (!seen_.connected) {
    log_info("host " + seen_.host + " (" + seen_.uri + "): connected, " +
             std::to_string(seen_.domains.size()) + " servers");
  }
  logged_reason_.clear();
  seen_.connected = true;
  seen_.reason.clear();
  seen_.as_of = wall_now();
  publish();
}

void Watcher::read_changed() {
  for (const auto& uuid : std::exchange(changed_, {})) {
    if (!connection_) return;
    auto reading = connection_->read_one(uuid);
    // A domain that cannot be read remains as it was: a lost connection is
    // reported separately.
    if (reading.gone) forget(uuid);
    if (reading.domain) put(std::move(*reading.domain));
    restarted_.erase(uuid);
    heartbeat_if_due();
  }
  rebuild();
  publish();
}

void Watcher::forget(const std::string& uuid) {
  domains_.erase(uuid);
  skipped_.erase(uuid);
}

void Watcher::put(DomainState domain) {
  const auto server = naming_.server_of(domain.name);
  if (!server) {
    forget(domain.uuid);
    const std::string why = naming_.why_skipped(domain.name);
    if (!why.empty()) skipped_[domain.uuid] = {printable(domain.name), why};
    return;
  }
  skipped_.erase(domain.uuid);
  domain.server = *server;
  put_since(domain);
  if (domain.addresses.empty()) {
    domain.addresses = ssh_hosts_.address_of(domain.server);
    if (!domain.addresses.empty()) domain.addresses_from = "ssh_config";
  }
  domains_[domain.uuid] = std::move(domain);
}

// libvirt does not report since when a domain runs. An event does; a run that
// continues keeps its instant, and a run whose start was not seen has none. A
// restarted host assigns the same ids again: a run that has used less time than
// before is another one.
void Watcher::put_since(DomainState& domain) const {
  if (domain.run < 0) return;
  const auto event = restarted_.find(domain.uuid);
  if (event != restarted_.end()) {
    domain.since = event->second;
    return;
  }
  const auto before = domains_.find(domain.uuid);
  if (before == domains_.end()) return;
  const DomainState& old = before->second;
  if (old.run == domain.run && old.cpu_ms <= domain.cpu_ms) {
    domain.since = old.since;
  }
}

void Watcher::skip(SkippedDomain domain) {
  if (seen_.skipped.size() < kMostSkipped) {
    seen_.skipped.push_back(std::move(domain));
  } else {
    ++seen_.skipped_more;
  }
}

// Sorted by server. If two domains claim one server, the one that has it as its
// own name is kept, because power must never be used on a guess.
void Watcher::rebuild() {
  std::map<std::string, const DomainState*> by_server;
  seen_.skipped.clear();
  seen_.skipped_more = 0;
  for (const auto& [uuid, skipped] : skipped_) skip(skipped);
  for (const auto& [uuid, domain] : domains_) {
    auto& place = by_server[domain.server];
    if (place == nullptr) {
      place = &domain;
      continue;
    }
    const bool better = domain.name == domain.server;
    const DomainState& left_out = better ? *place : domain;
    const std::string why = "another domain is server " + domain.server +
                            "; correct `aliases` of [host." + seen_.host +
                            "], or rename one of the domains";
    skip({printable(left_out.name), why});
    if (naming_.first_mention(left_out.name)) {
      log_warning("skipped domain \"" + printable(left_out.name) +
                  "\" on host " + seen_.host + ": " + why);
    }
    if (better) place = &domain;
  }
  seen_.domains.clear();
  for (const auto& [server, domain] : by_server) {
    seen_.domains.push_back(*domain);
  }
}

void Watcher::publish() {
  if (!state_.write(file_, to_json(seen_))) state_.touch(file_);
  published_at_ = beaten_at_ = monotonic_ms();
}

void Watcher::heartbeat() {
  // Somebody may have emptied the cache, so it is written again.
  if (!state_.touched_ms(file_)) return publish();
  state_.touch(file_);
  beaten_at_ = monotonic_ms();
}

void Watcher::heartbeat_if_due() {
  if (monotonic_ms() - beaten_at_ >= kHeartbeatMs) heartbeat();
}

}  // namespace berth::watch
