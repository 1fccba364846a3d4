// SPDX-License-Identifier: GPL-2.0-or-later
// Reads one libvirt domain into a value; and handles that free themselves.
#pragma once

#include <libvirt/libvirt.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "store/host_state.hpp"

namespace berth::watch {

struct DomainFree {
  void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using DomainHandle =
    std::unique_ptr<std::remove_pointer_t<virDomainPtr>, DomainFree>;

// The result of virConnectListAllDomains(): an array and each of its domains.
class DomainList {
 public:
  DomainList(virDomainPtr* list, int count) : list_(list), count_(count) {}
  DomainList(const DomainList&) = delete;
  DomainList& operator=(const DomainList&) = delete;
  ~DomainList() {
    for (int i = 0; i < count_; ++i) virDomainFree(list_[i]);
    std::free(list_);
  }
  virDomainPtr operator[](int i) const { return list_[i]; }

 private:
  virDomainPtr* list_;
  int count_;
};

// The domain as it is now, with `server` left empty; nullopt if it has
// vanished. Addresses are read only for a running domain, from the leases of
// the host's networks or else from its ARP table; a host that cannot report
// them gives none. Disks and snapshots are read each time, which takes a
// handful of calls. What cannot be shown of them is in `problems`.
std::optional<DomainState> read_domain(virDomainPtr domain);

}  // namespace berth::watch
