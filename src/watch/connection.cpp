// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/connection.hpp"

#include <libvirt/virterror.h>

#include <array>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "watch/domain.hpp"

namespace berth::watch {
namespace {

// A host without an answer for 20 s is unreachable: shorter than TCP's timeout,
// longer than the pauses of a busy host.
constexpr int kKeepaliveSeconds = 5;
constexpr unsigned kKeepaliveCount = 3;

// The first line of libvirt's error, as a printable line.
std::string last_words() {
  const std::string words = virGetLastErrorMessage();
  return printable(words.substr(0, words.find('\n')));
}

std::string close_words(int reason) {
  switch (reason) {
    case VIR_CONNECT_CLOSE_REASON_EOF:
      return "connection closed by the host";
    case VIR_CONNECT_CLOSE_REASON_KEEPALIVE:
      return "keepalive timed out";
    case VIR_CONNECT_CLOSE_REASON_CLIENT:
      return "connection closed by us";
    default:
      return "connection lost";
  }
}

}  // namespace

void silence_libvirt() {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
}

std::unique_ptr<Connection> Connection::open(EventLoop& loop,
                                             const std::string& uri,
                                             ConnectionEvents events,
                                             std::string& reason) {
  virConnectPtr connection = virConnectOpenReadOnly(uri.c_str());
  if (connection == nullptr) {
    reason = last_words();
    return nullptr;
  }
  std::unique_ptr<Connection> made(
      new Connection(loop, connection, std::move(events)));
  made->listen();
  return made;
}

Connection::Connection(EventLoop& loop, virConnectPtr connection,
                       ConnectionEvents events)
    : loop_(loop), connection_(connection), events_(std::move(events)) {}

// All three are optional: a driver without events is read every minute, and one
// without keepalive (test:///) has no network connection to lose.
void Connection::listen() {
  virConnectSetKeepAlive(connection_, kKeepaliveSeconds, kKeepaliveCount);
  close_watched_ = virConnectRegisterCloseCallback(connection_, on_close, this,
                                                   nullptr) == 0;
  subscription_ = virConnectDomainEventRegisterAny(
      connection_, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
      VIR_DOMAIN_EVENT_CALLBACK(on_domain), this, nullptr);
  resets_ = virConnectDomainEventRegisterAny(
      connection_, nullptr, VIR_DOMAIN_EVENT_ID_REBOOT,
      VIR_DOMAIN_EVENT_CALLBACK(on_reset), this, nullptr);
  if (subscription_ < 0) {
    log_warning("no events, reading every minute instead: " + last_words());
  }
}

Connection::~Connection() {
  if (subscription_ >= 0) {
    virConnectDomainEventDeregisterAny(connection_, subscription_);
  }
  if (resets_ >= 0) virConnectDomainEventDeregisterAny(connection_, resets_);
  if (close_watched_) {
    virConnectUnregisterCloseCallback(connection_, on_close);
  }
  virConnectClose(connection_);
}

std::optional<std::vector<DomainState>> Connection::read_all(
    std::string& reason, const std::function<void()>& pause) const {
  virDomainPtr* list = nullptr;
  const int count = virConnectListAllDomains(connection_, &list, 0);
  if (count < 0) {
    reason = last_words();
    return std::nullopt;
  }
  const DomainList domains(list, count);
  std::vector<DomainState> states;
  for (int i = 0; i < count; ++i) {
    if (auto state = read_domain(domains[i])) {
      states.push_back(std::move(*state));
    }
    pause();
  }
  if (virConnectIsAlive(connection_) == 0) {
    reason = "connection lost while reading its domains";
    return std::nullopt;
  }
  return states;
}

Connection::Reading Connection::read_one(const std::string& uuid) const {
  const DomainHandle domain(
      virDomainLookupByUUIDString(connection_, uuid.c_str()));
  if (!domain) return {{}, virGetLastErrorCode() == VIR_ERR_NO_DOMAIN};
  auto state = read_domain(domain.get());
  if (virConnectIsAlive(connection_) == 0) return {};
  const bool gone = !state;
  return {std::move(state), gone};
}

void Connection::on_domain(virConnectPtr, virDomainPtr domain, int event, int,
                           void* self) {
  static_cast<Connection*>(self)->changed(domain,
                                          event == VIR_DOMAIN_EVENT_STARTED);
}

void Connection::on_reset(virConnectPtr, virDomainPtr domain, void* self) {
  static_cast<Connection*>(self)->changed(domain, true);
}

void Connection::changed(virDomainPtr domain, bool restarted) {
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  if (virDomainGetUUIDString(domain, uuid.data()) != 0) return;
  loop_.guard([&] { events_.domain_changed(uuid.data(), restarted); });
}

void Connection::on_close(virConnectPtr, int reason, void* self) {
  auto& connection = *static_cast<Connection*>(self);
  connection.loop_.guard([&] { connection.events_.lost(close_words(reason)); });
}

}  // namespace berth::watch
