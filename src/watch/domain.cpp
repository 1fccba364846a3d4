// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/domain.hpp"

#include <libvirt/virterror.h>

#include <array>
#include <vector>

namespace berth::watch {
namespace {

std::vector<std::string> read_addresses(virDomainPtr domain) {
  std::vector<std::string> addresses;
  virDomainInterfacePtr* interfaces = nullptr;
  const int count = virDomainInterfaceAddresses(
      domain, &interfaces, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, 0);
  for (int i = 0; i < count; ++i) {
    for (unsigned j = 0; j < interfaces[i]->naddrs; ++j) {
      const char* address = interfaces[i]->addrs[j].addr;
      if (address != nullptr) addresses.emplace_back(address);
    }
    virDomainInterfaceFree(interfaces[i]);
  }
  std::free(interfaces);
  return addresses;
}

bool is_active(int state) {
  return state != VIR_DOMAIN_SHUTOFF && state != VIR_DOMAIN_CRASHED &&
         state != VIR_DOMAIN_NOSTATE;
}

}  // namespace

std::string state_words(int state) {
  switch (state) {
    case VIR_DOMAIN_RUNNING:
      return "running";
    case VIR_DOMAIN_BLOCKED:
      return "idle";
    case VIR_DOMAIN_PAUSED:
      return "paused";
    case VIR_DOMAIN_SHUTDOWN:
      return "in shutdown";
    case VIR_DOMAIN_SHUTOFF:
      return "shut off";
    case VIR_DOMAIN_CRASHED:
      return "crashed";
    case VIR_DOMAIN_PMSUSPENDED:
      return "pmsuspended";
    default:
      return "no state";
  }
}

std::optional<DomainState> read_domain(virDomainPtr domain) {
  DomainState out;
  const char* name = virDomainGetName(domain);
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  if (name == nullptr || virDomainGetUUIDString(domain, uuid.data()) != 0) {
    return std::nullopt;
  }
  out.name = name;
  out.uuid = uuid.data();
  virDomainInfo info{};
  if (virDomainGetInfo(domain, &info) != 0) {
    // Gone between the list and the question, or a driver that cannot tell.
    if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) return std::nullopt;
    out.state = "unknown";
    return out;
  }
  out.state = state_words(info.state);
  out.vcpus = info.nrVirtCpu;
  out.memory = static_cast<std::int64_t>(info.maxMem) * 1024;
  if (is_active(info.state)) out.addresses = read_addresses(domain);
  return out;
}

}  // namespace berth::watch
