// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/domain.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/xml.hpp"
#include "store/snapshot_xml.hpp"

namespace berth::watch {
namespace {

// As state_words() numbers them.
static_assert(VIR_DOMAIN_NOSTATE == 0 && VIR_DOMAIN_RUNNING == 1 &&
              VIR_DOMAIN_SHUTOFF == 5 && VIR_DOMAIN_PMSUSPENDED == 7);

// A text that libvirt allocated; empty for nullptr.
std::string take_text(char* text) {
  const std::unique_ptr<char, decltype(&std::free)> owned(text, std::free);
  return text ? std::string(text) : std::string();
}

constexpr std::size_t kMostProblemsOfOne = 20;
constexpr int kMostSnapshots = 1000;

// A part that cannot be read is a problem of the domain, reported by name, and
// hides no other part.
template <class Part>
void read_part(DomainState& out, Part part) {
  try {
    part();
  } catch (const Error& e) {
    if (out.problems.size() == kMostProblemsOfOne) return;
    out.problems.push_back(printable(e.what(), 400));
  }
}

std::vector<std::string> read_addresses(virDomainPtr domain,
                                        unsigned source) {
  std::vector<std::string> addresses;
  virDomainInterfacePtr* interfaces = nullptr;
  const int count =
      virDomainInterfaceAddresses(domain, &interfaces, source, 0);
  for (int i = 0; i < count; ++i) {
    for (unsigned j = 0; j < interfaces[i]->naddrs; ++j) {
      const char* address = interfaces[i]->addrs[j].addr;
      if (address != nullptr) addresses.push_back(printable(address, 64));
    }
    virDomainInterfaceFree(interfaces[i]);
  }
  std::free(interfaces);
  return addresses;
}

// The guest agent would be a third source, but libvirt does not allow to query
// it over a read-only connection.
void read_addresses(virDomainPtr domain, DomainState& out) {
  out.addresses =
      read_addresses(domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE);
  out.addresses_from = "lease";
  if (!out.addresses.empty()) return;
  out.addresses =
      read_addresses(domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP);
  out.addresses_from = out.addresses.empty() ? "" : "arp";
}

// The disks, by their targets; removable media are not counted.
void read_disks(virDomainPtr domain, DomainState& out) {
  const std::string text = take_text(virDomainGetXMLDesc(domain, 0));
  if (text.empty()) return;
  const pugi::xml_document xml = parse_xml(text, "domain " + out.name);
  const pugi::xml_node devices = xml.document_element().child("devices");
  for (const pugi::xml_node disk : devices.children("disk")) {
    const std::string_view device = disk.attribute("device").value();
    const pugi::xml_node target = disk.child("target");
    if (!target || (!device.empty() && device != "disk")) continue;
    virDomainBlockInfo info{};
    const char* name = target.attribute("dev").value();
    if (virDomainGetBlockInfo(domain, name, &info, 0) != 0) continue;
    out.disk_capacity += static_cast<std::int64_t>(info.capacity);
    out.disk_allocation += static_cast<std::int64_t>(info.allocation);
  }
}

class SnapshotList {
 public:
  explicit SnapshotList(virDomainPtr domain) {
    count_ = virDomainListAllSnapshots(domain, &list_, 0);
  }
  ~SnapshotList() {
    for (int i = 0; i < count_; ++i) virDomainSnapshotFree(list_[i]);
    std::free(list_);
  }
  SnapshotList(const SnapshotList&) = delete;
  SnapshotList& operator=(const SnapshotList&) = delete;
  int count() const { return count_; }
  virDomainSnapshotPtr operator[](int i) const { return list_[i]; }

 private:
  virDomainSnapshotPtr* list_ = nullptr;
  int count_ = 0;
};

std::string snapshot_name(virDomainSnapshotPtr snapshot) {
  const char* name = virDomainSnapshotGetName(snapshot);
  return printable(name ? name : "", 64);
}

// A cheap query first, because most domains have no snapshots.
void read_snapshots(virDomainPtr domain, DomainState& out) {
  if (virDomainSnapshotNum(domain, 0) <= 0) return;
  const SnapshotList list(domain);
  if (list.count() > kMostSnapshots) {
    throw Error("read", "snapshots",
                std::to_string(list.count()) + " snapshots; Berth shows at "
                    "most " + std::to_string(kMostSnapshots));
  }
  for (int i = 0; i < list.count(); ++i) {
    const std::string text =
        take_text(virDomainSnapshotGetXMLDesc(list[i], 0));
    if (text.empty()) continue;  // deleted meanwhile
    read_part(out, [&] {
      Snapshot snapshot = snapshot_from_xml(
          parse_xml(text, "snapshot '" + snapshot_name(list[i]) + "'"));
      snapshot.current = virDomainSnapshotIsCurrent(list[i], 0) == 1;
      out.snapshots.push_back(std::move(snapshot));
    });
  }
  std::sort(out.snapshots.begin(), out.snapshots.end(),
            [](const Snapshot& a, const Snapshot& b) {
              return std::tie(a.created, a.name) < std::tie(b.created, b.name);
            });
}

bool is_active(int state) {
  return state != VIR_DOMAIN_SHUTOFF && state != VIR_DOMAIN_CRASHED &&
         state != VIR_DOMAIN_NOSTATE;
}

}  // namespace

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
    // Deleted after the list was read, or a driver that cannot report it.
    if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) return std::nullopt;
    out.state = "unknown";
    return out;
  }
  out.state = state_words(info.state);
  out.vcpus = info.nrVirtCpu;
  out.memory = static_cast<std::int64_t>(info.maxMem) * 1024;
  if (is_active(info.state)) {
    read_addresses(domain, out);
    out.run = static_cast<std::int64_t>(virDomainGetID(domain));
    out.cpu_ms = static_cast<std::int64_t>(info.cpuTime / 1'000'000);
  }
  read_part(out, [&] { read_disks(domain, out); });
  read_part(out, [&] { read_snapshots(domain, out); });
  return out;
}

}  // namespace berth::watch
