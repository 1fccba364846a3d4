// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/hypervisor.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"

namespace berth::hypervisor {
namespace {

// As in berth-watch: a host that is silent for 20 s counts as unreachable.
constexpr int kKeepaliveSeconds = 5;
constexpr unsigned kKeepaliveCount = 3;

// The first line of libvirt's last error, fit for one line of a message.
std::string last_words() {
  const char* words = virGetLastErrorMessage();
  const std::string all = words ? words : "";
  const std::string first = printable(all.substr(0, all.find('\n')), 500);
  return first.empty() ? "libvirt reported no reason" : first;
}

}  // namespace

Hypervisor::Hypervisor(const HostConfig& host) : host_(host) {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
  if (virEventRegisterDefaultImpl() != 0) {
    throw Error("register", "libvirt's event loop", last_words());
  }
  timer_ = virEventAddTimeout(
      -1, [](int, void*) {}, nullptr, nullptr);
  connection_ = virConnectOpen(host_.uri.c_str());
  if (!connection_) {
    throw Away("reach", "host " + host_.name + " (" + host_.uri + ")",
               last_words());
  }
  virConnectSetKeepAlive(connection_, kKeepaliveSeconds, kKeepaliveCount);
}

Hypervisor::~Hypervisor() {
  virConnectClose(connection_);
  if (timer_ >= 0) virEventRemoveTimeout(timer_);
}

std::string Hypervisor::kind() const {
  const char* type = virConnectGetType(connection_);
  return type ? type : "";
}

std::string Hypervisor::domain_name(const std::string& server) const {
  for (const auto& [domain, alias] : host_.aliases) {
    if (alias == server) return domain;
  }
  return server;
}

DomainHandle Hypervisor::find(const std::string& server) const {
  const std::string name = domain_name(server);
  // A power job must never reach a domain that does not belong to the console.
  const bool alias = host_.aliases.contains(name);
  const bool ours = std::any_of(
      host_.servers.begin(), host_.servers.end(),
      [&](const std::string& glob) { return glob_match(glob, name); });
  if (!alias && !ours) return nullptr;
  DomainHandle domain(virDomainLookupByName(connection_, name.c_str()));
  if (!domain && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN) {
    fail("look up", "domain " + name);
  }
  return domain;
}

DomainHandle Hypervisor::domain(const std::string& server) const {
  DomainHandle found = find(server);
  if (!found) {
    throw Error("find", server,
                "host " + host_.name + " has no domain of that name");
  }
  return found;
}

int Hypervisor::state(virDomainPtr domain) const {
  int state = VIR_DOMAIN_NOSTATE, reason = 0;
  if (virDomainGetState(domain, &state, &reason, 0) != 0) {
    fail("read the state of", virDomainGetName(domain));
  }
  return state;
}

pugi::xml_document Hypervisor::describe(virDomainPtr domain,
                                        unsigned flags) const {
  const std::string name = virDomainGetName(domain);
  char* text = virDomainGetXMLDesc(domain, flags);
  if (!text) fail("read the definition of", name);
  return parse_xml(take_text(text), "domain " + name);
}

void Hypervisor::turn(std::int64_t at_most_ms) {
  virEventUpdateTimeout(timer_, static_cast<int>(at_most_ms));
  if (virEventRunDefaultImpl() != 0) fail("wait for", "host " + host_.name);
  virEventUpdateTimeout(timer_, -1);
}

void Hypervisor::fail(const std::string& action,
                      const std::string& subject) const {
  const std::string words = last_words();
  if (virConnectIsAlive(connection_) == 0) {
    throw Away(action, subject,
               "lost the connection to host " + host_.name + ": " + words);
  }
  throw Error(action, subject, words);
}

std::string take_text(char* text) {
  std::string out = text ? text : "";
  std::free(text);
  return out;
}

}  // namespace berth::hypervisor
