// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/retire.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <array>

#include "hypervisor/provision.hpp"
#include "hypervisor/storage.hpp"
#include "model/job.hpp"
#include "store/host_state.hpp"
#include "store/made_by_us.hpp"

namespace berth::hypervisor {
namespace {

constexpr std::int64_t kShutdown = 60;  // seconds, then its power is cut
constexpr std::int64_t kRetireLook = 250;  // ms between two checks of the state

std::string uuid_of(const Hypervisor& host, virDomainPtr domain) {
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  if (virDomainGetUUIDString(domain, uuid.data()) != 0) {
    host.fail("read the UUID of", virDomainGetName(domain));
  }
  return uuid.data();
}

bool is_off(int state) {
  return state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_CRASHED;
}

std::vector<std::string> disks_of(const pugi::xml_document& domain) {
  std::vector<std::string> out;
  const pugi::xml_node devices = domain.document_element().child("devices");
  for (const pugi::xml_node disk : devices.children("disk")) {
    const pugi::xml_node source = disk.child("source");
    for (const char* what : {"file", "dev", "volume", "name"}) {
      const std::string name = source.attribute(what).value();
      if (name.empty()) continue;
      out.push_back(name);
      break;
    }
  }
  return out;
}

// The volumes that this console created for the domain, whether they still
// exist or not.
MadeBy own(const HostCall& call, const pugi::xml_document& domain) {
  const auto by = made_by(domain);
  // A clone has the metadata of its original as well, but not its disks.
  if (!by || by->site != call.text("site") ||
      by->server != call.text("server")) {
    return {};
  }
  const auto disks = disks_of(domain);
  Making making;
  making.site = by->site;
  making.server = by->server;
  making.job = by->job;
  MadeBy out = *by;
  std::erase_if(out.volumes, [&](const std::string& volume) {
    return !volume.starts_with(making.prefix()) ||
           std::none_of(disks.begin(), disks.end(),
                        [&](const std::string& disk) {
                          return disk.substr(disk.rfind('/') + 1) == volume;
                        });
  });
  // After provisioning no drive holds the seed, but a provision job that could
  // not remove it has left the volume. It is considered only if the domain owns
  // a disk, so that retiring a clone does not remove it.
  const auto is_seed = [&](const std::string& volume) {
    return volume == making.seed();
  };
  if (!out.volumes.empty() &&
      std::none_of(out.volumes.begin(), out.volumes.end(), is_seed) &&
      Pool(call.hypervisor, out.pool).find(making.seed())) {
    out.volumes.push_back(making.seed());
  }
  return out;
}

void shut_down(HostCall& call, virDomainPtr domain) {
  const Hypervisor& host = call.hypervisor;
  if (is_off(host.state(domain))) return;
  call.report.log("shutting it down");
  // The result is ignored: the power is cut if the guest does not shut down.
  virDomainShutdown(domain);
  const Deadline patience = Deadline::in_s(kShutdown);
  while (!is_off(host.state(domain)) && !patience.passed()) {
    call.hypervisor.turn(kRetireLook);
  }
  if (is_off(host.state(domain))) return;
  call.report.log("it does not shut down; its power is cut");
  if (virDomainDestroy(domain) != 0 && !is_off(host.state(domain))) {
    host.fail("stop", virDomainGetName(domain));
  }
}

void require_removable(HostCall& call, const MadeBy& by) {
  if (by.volumes.empty()) return;
  const Pool pool(call.hypervisor, by.pool);
  for (const std::string& volume : by.volumes) {
    const std::string over = pool.lies_under(volume);
    if (over.empty()) continue;
    throw Error("remove", "volume " + volume,
                "it is the backing store of volume " + over + " of pool " +
                    by.pool + "; remove that first");
  }
}

void remove_volumes(HostCall& call, const MadeBy& by) {
  if (by.volumes.empty()) return;
  const Pool pool(call.hypervisor, by.pool);
  for (const std::string& volume : by.volumes) {
    call.report.log(pool.remove(volume) ? "removed volume " + volume
                                        : "volume " + volume +
                                              " no longer exists");
  }
}

}  // namespace

StepDone retire_look(HostCall& call) {
  const Hypervisor& host = call.hypervisor;
  const std::string server = call.text("server");
  const DomainHandle domain = host.domain(server);
  const pugi::xml_document xml = host.describe(domain.get());
  const std::string uuid = uuid_of(host, domain.get());
  const MadeBy by = own(call, xml);
  const auto tell = [&](const std::string& text) { call.report.log(text); };
  tell("will be removed: domain " +
       std::string(virDomainGetName(domain.get())) +
       " on host " + host.host().name + ", " +
       state_words(host.state(domain.get())));
  std::vector<std::string> paths;
  if (!by.volumes.empty()) {
    const Pool pool(host, by.pool);
    for (const std::string& volume : by.volumes) {
      const VolumeHandle found = pool.find(volume);
      if (!found) continue;
      paths.push_back(pool.path(found.get()));
      tell("will be removed: volume " + volume + " of pool " + by.pool +
           ", made by " + job_text(by.job));
    }
  }
  for (const std::string& disk : disks_of(xml)) {
    if (std::find(paths.begin(), paths.end(), disk) != paths.end()) continue;
    tell("will be kept: disk " + disk + ", which Berth did not create");
  }
  return {server + " has UUID " + uuid + " on host " + host.host().name +
              "; it can be retired",
          {{"uuid", uuid}}};
}

StepDone retire_do(HostCall& call) {
  const Hypervisor& host = call.hypervisor;
  const std::string server = call.text("server");
  const DomainHandle domain = host.find(server);
  const std::string done = "retired " + server + " from host " +
                           host.host().name;
  if (!domain) return {done, nullptr};
  const std::string uuid = uuid_of(host, domain.get());
  if (uuid != call.text("uuid")) {
    throw Error("retire", server,
                "it is another domain now: its UUID is " + uuid + ", not " +
                    call.text("uuid") + "; start again with berthctl retire " +
                    server);
  }
  const MadeBy by = own(call, host.describe(domain.get()));
  require_removable(call, by);
  call.hold_on();
  shut_down(call, domain.get());
  remove_volumes(call, by);
  undefine(host, domain.get());
  return {done, nullptr};
}

}  // namespace berth::hypervisor
