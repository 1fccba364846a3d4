// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/snapshot.hpp"

#include <libvirt/virterror.h>

#include "hypervisor/storage.hpp"
#include "store/host_state.hpp"
#include "store/snapshot_xml.hpp"

namespace berth::hypervisor {
namespace {

constexpr std::int64_t kSnapshotLook = 500;  // ms
constexpr unsigned long long kRoomBeside = 1ull << 30;  // bytes

struct SnapshotFree {
  void operator()(virDomainSnapshotPtr snapshot) const {
    virDomainSnapshotFree(snapshot);
  }
};
using SnapshotHandle =
    std::unique_ptr<std::remove_pointer_t<virDomainSnapshotPtr>, SnapshotFree>;

class OnHost {
 public:
  explicit OnHost(HostCall& call)
      : call_(call),
        host_(call.hypervisor),
        server_(call.text("server")),
        name_(call.text("name")),
        begun_(call.flag("told")),
        domain_(host_.domain(server_)) {}

  StepDone take() {
    if (begun_) wait_for_earlier();
    if (const auto there = find()) {
      const Snapshot seen = read(there.get());
      if (!seen.mark || seen.mark->job != call_.number("job")) {
        refuse("a snapshot of that name exists");
      }
      return {"took " + name_ + " of " + server_, nullptr};
    }
    require_room_for_it();
    call_.hold_on();
    const SnapshotMark mark{call_.text("site"), server_,
                            call_.number("job"), call_.number("seq")};
    const std::string xml =
        "<domainsnapshot><name>" + xml_escape(name_) +
        "</name><description>" +
        xml_escape(describe_snapshot(call_.text("note"), mark)) +
        "</description></domainsnapshot>";
    const SnapshotHandle made(
        virDomainSnapshotCreateXML(domain_.get(), xml.c_str(), 0));
    if (!made) host_.fail("take snapshot " + name_ + " of", server_);
    return {"took " + name_ + " of " + server_, nullptr};
  }

  StepDone revert() {
    if (begun_) wait_for_earlier();
    const SnapshotHandle snapshot = require();
    const Snapshot seen = read(snapshot.get());
    call_.hold_on();
    const unsigned flags =
        call_.flag("running") ? VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING : 0;
    if (virDomainRevertToSnapshot(snapshot.get(), flags) != 0) {
      // libvirt requires the flag FORCE if a revert may lose data: if the
      // machine has other devices than the snapshot, or waits in between. A
      // revert is meant to discard the current state.
      if (virGetLastErrorCode() != VIR_ERR_SNAPSHOT_REVERT_RISKY) {
        host_.fail("revert to snapshot " + name_ + " on", server_);
      }
      call_.report.log("reverting by force: the machine is created anew");
      if (virDomainRevertToSnapshot(
              snapshot.get(), flags | VIR_DOMAIN_SNAPSHOT_REVERT_FORCE) != 0) {
        host_.fail("revert to snapshot " + name_ + " on", server_);
      }
    }
    const int now = host_.state(domain_.get());
    return {server_ + " is reverted to " + name_ + ", " + state_words(now),
            json::object{{"snapshot", to_json(seen)},
                         {"state", state_words(now)}}};
  }

  StepDone remove() {
    if (begun_) {
      wait_for_earlier();
      if (!find()) return {"deleted " + name_ + " of " + server_, nullptr};
    }
    const SnapshotHandle snapshot = require();
    call_.hold_on();
    if (virDomainSnapshotDelete(snapshot.get(), 0) != 0) {
      host_.fail("delete snapshot " + name_ + " of", server_);
    }
    return {"deleted " + name_ + " of " + server_, nullptr};
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(call_.text("action") + " snapshot " + name_ + " of", server_,
                why);
  }

  // Empty when there is no such snapshot.
  SnapshotHandle find() const {
    SnapshotHandle found(
        virDomainSnapshotLookupByName(domain_.get(), name_.c_str(), 0));
    if (!found && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN_SNAPSHOT) {
      host_.fail("look up snapshot " + name_ + " of", server_);
    }
    return found;
  }

  SnapshotHandle require() const {
    SnapshotHandle found = find();
    if (!found) refuse("there is no snapshot of that name");
    return found;
  }

  Snapshot read(virDomainSnapshotPtr snapshot) const {
    char* text = virDomainSnapshotGetXMLDesc(snapshot, 0);
    if (!text) host_.fail("read snapshot " + name_ + " of", server_);
    return snapshot_from_xml(
        parse_xml(take_text(text), "snapshot " + name_));
  }

  // An operation that an earlier worker began continues on the host.
  void wait_for_earlier() {
    virDomainJobInfo job{};
    while (virDomainGetJobInfo(domain_.get(), &job) == 0 &&
           job.type != VIR_DOMAIN_JOB_NONE) {
      if (call_.deadline.passed()) {
        throw Away("wait for", server_,
                   "an earlier snapshot operation has not finished");
      }
      host_.turn(kSnapshotLook);
    }
  }

  // libvirt reports most of these itself, but later and in terms of its code.
  void require_room_for_it() const {
    const pugi::xml_document xml = host_.describe(domain_.get());
    const pugi::xml_node devices = xml.document_element().child("devices");
    if (!devices) return;
    for (const pugi::xml_node disk : devices.children("disk")) {
      const std::string device = disk.attribute("device").value();
      const std::string internal = disk.attribute("snapshot").value();
      const std::string format =
          disk.child("driver").attribute("type").value();
      if ((!device.empty() && device != "disk") || disk.child("readonly") ||
          internal == "no" || format.empty() || format == "qcow2") {
        continue;
      }
      const std::string target = disk.child("target").attribute("dev").value();
      refuse("its disk " + target + " is " + format +
             ", which cannot hold snapshots; convert it to qcow2 "
             "(qemu-img convert)");
    }
    for (const pugi::xml_node disk : devices.children("disk")) {
      if (const pugi::xml_node source = disk.child("source")) {
        require_free_pool(source.attribute("file").value());
      }
    }
    const bool runs = host_.state(domain_.get()) != VIR_DOMAIN_SHUTOFF;
    if (runs && devices.child("hostdev")) {
      refuse("a device of the host is passed through to it, and the state of "
             "the device cannot be saved; shut the server down first");
    }
  }

  // A pool that runs full stops every guest on it. The space for a disk outside
  // any pool is unknown and not checked.
  void require_free_pool(const std::string& file) const {
    if (file.empty()) return;
    const VolumeHandle volume(
        virStorageVolLookupByPath(host_.connection(), file.c_str()));
    if (!volume) return;
    const std::unique_ptr<std::remove_pointer_t<virStoragePoolPtr>, PoolFree>
        pool(virStoragePoolLookupByVolume(volume.get()));
    virStoragePoolInfo space{};
    virDomainInfo info{};
    virStorageVolInfo disk{};
    if (!pool || virStoragePoolGetInfo(pool.get(), &space) != 0 ||
        virStorageVolGetInfo(volume.get(), &disk) != 0 ||
        virDomainGetInfo(domain_.get(), &info) != 0) {
      return;
    }
    // The disk's current blocks remain, and may all be written once more.
    const auto needed = info.memory * 1024ull + disk.allocation + kRoomBeside;
    if (space.available >= needed) return;
    refuse("pool " + std::string(virStoragePoolGetName(pool.get())) + " has " +
           "only " + std::to_string(space.available >> 20) +
           " MiB free, but the snapshot needs " +
           std::to_string(needed >> 20) + " MiB: its memory, its disk and "
           "1024 MiB for other guests");
  }

  HostCall& call_;
  Hypervisor& host_;
  std::string server_, name_;
  bool begun_;
  DomainHandle domain_;
};

}  // namespace

StepDone snapshot_on_host(HostCall& call) {
  OnHost on_host(call);
  const std::string action = call.text("action");
  if (action == "take") return on_host.take();
  if (action == "revert") return on_host.revert();
  if (action == "delete") return on_host.remove();
  throw Error("run", "action '" + action + "'", "unknown action");
}

}  // namespace berth::hypervisor
