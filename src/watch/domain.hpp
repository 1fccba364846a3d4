// SPDX-License-Identifier: GPL-2.0-or-later
// One libvirt domain read into a value, and the handles that free themselves.
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

// What virConnectListAllDomains gives: an array and each of its domains.
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

// The domain as it is now, `server` left empty; nullopt when it has vanished.
// Addresses come from the leases of the host's networks, else from its ARP
// table, and only for what runs; a host that cannot tell gives none. Disks and
// snapshots are read each time: both are a handful of calls. What of them is
// not fit to be shown is in `problems` instead.
std::optional<DomainState> read_domain(virDomainPtr domain);

}  // namespace berth::watch
