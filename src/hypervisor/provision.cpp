// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/provision.hpp"

#include <libvirt/virterror.h>

#include "base/text.hpp"
#include "hypervisor/storage.hpp"
#include "model/job.hpp"
#include "store/made_by_us.hpp"

namespace berth::hypervisor {
namespace {

Making making_of(const HostCall& call) {
  Making out;
  out.site = call.text("site");
  out.server = call.text("server");
  out.job = call.number("job");
  const std::string image = call.text("image");
  const auto& images = call.hypervisor.host().images;
  const auto found = images.find(image);
  if (found == images.end()) {
    throw Error("find", "image " + image,
                "it is no longer configured for host " +
                    call.hypervisor.host().name);
  }
  out.image = found->second;
  return out;
}

DomainHandle named(const Hypervisor& host, const std::string& name) {
  DomainHandle domain(virDomainLookupByName(host.connection(), name.c_str()));
  if (!domain && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN) {
    host.fail("look up", "domain " + name);
  }
  return domain;
}

std::string in_mib(std::int64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

std::int64_t capacity_of(const pugi::xml_node& volume) {
  return whole_number(xml_text(volume.child("capacity"))).value_or(0);
}

void require_network(const Hypervisor& host, const std::string& name) {
  virNetworkPtr network =
      virNetworkLookupByName(host.connection(), name.c_str());
  if (!network) host.fail("find", "network " + name);
  const int active = virNetworkIsActive(network);
  virNetworkFree(network);
  if (active == 1) return;
  throw Error("use", "network " + name,
              "it is not active on host " + host.host().name +
                  "; run: virsh net-start " + name);
}

// Waits until libvirt has probed the emulator. Before the first domain is
// defined for an emulator, libvirt asks it for its capabilities, which takes up
// to a minute on a busy host and continues after the caller has exited. Done
// separately, the definition afterwards takes milliseconds. One probe waits for
// another, so when this returns, no probe of an earlier process is running.
void let_emulator_be_known(const Hypervisor& host, const Making& making) {
  char* known = virConnectGetDomainCapabilities(
      host.connection(), nullptr, nullptr, nullptr,
      making.image.type.c_str(), 0);
  if (known) {
    take_text(known);
  } else if (virConnectIsAlive(host.connection()) == 0) {
    host.fail("ask the emulator of", making.server);
  }  // what it refuses, the definition reports with a better message
}

bool is_this_job(const Hypervisor& host, virDomainPtr domain,
                 const Making& making) {
  const auto by = made_by(host.describe(domain));
  return by && by->site == making.site && by->job == making.job &&
         by->server == making.server;
}

// Finds the domain, and throws Error unless this job defined it.
DomainHandle own_domain(const Hypervisor& host, const Making& making) {
  DomainHandle domain = named(host, making.server);
  if (domain && is_this_job(host, domain.get(), making)) return domain;
  throw Error("find", "domain " + making.server,
              domain ? "another domain has its name now"
                     : "it no longer exists");
}

// Retries for 20 s: a volume cannot be removed while it is being written.
void remove_patiently(HostCall& call, const Pool& pool,
                      const std::string& volume, std::string& removed) {
  const Deadline patience = Deadline::in_s(20);
  for (;;) {
    try {
      if (pool.remove(volume)) {
        removed += (removed.empty() ? "volume " : ", volume ") + volume;
      }
      return;
    } catch (const Away&) {
      throw;
    } catch (const Error&) {
      if (patience.passed()) throw;
    }
    call.hypervisor.turn(500);
  }
}

void clean_once(HostCall& call, const Making& making, std::string& removed) {
  const Hypervisor& host = call.hypervisor;
  const DomainHandle domain = named(host, making.server);
  if (domain && is_this_job(host, domain.get(), making)) {
    if (virDomainIsActive(domain.get()) == 1 &&
        virDomainDestroy(domain.get()) != 0 &&
        virDomainIsActive(domain.get()) == 1) {
      host.fail("stop", making.server);
    }
    undefine(host, domain.get());
    removed += (removed.empty() ? "domain " : ", domain ") + making.server;
  }
  const Pool pool(host, making.image.pool);
  for (const std::string& volume : pool.volumes()) {
    if (!volume.starts_with(making.prefix())) continue;
    remove_patiently(call, pool, volume, removed);
  }
}

}  // namespace

StepDone provision_check(HostCall& call) {
  const Making making = making_of(call);
  const Hypervisor& host = call.hypervisor;
  const std::string on = " on host " + host.host().name;
  if (const DomainHandle there = named(host, making.server)) {
    const auto by = made_by(host.describe(there.get()));
    const bool ours = by && by->site == making.site;
    throw Error("create", making.server,
                "a domain of that name exists" + on +
                    (ours ? ", created by " + job_text(by->job) +
                                "; remove it with: berthctl retire " +
                                making.server
                          : ""));
  }
  let_emulator_be_known(host, making);
  const Pool pool(host, making.image.pool);
  for (const std::string& volume : {making.disk(), making.seed()}) {
    if (!pool.find(volume)) continue;
    throw Error("create", making.server,
                "volume " + volume + " exists" + on);
  }
  const VolumeHandle image = pool.find(making.image.volume);
  if (!image) {
    throw Error("create", making.server,
                "pool " + making.image.pool + on + " has no volume " +
                    making.image.volume + " (image " + making.image.name +
                    ")");
  }
  const pugi::xml_document definition = pool.describe(image.get());
  const pugi::xml_node volume = definition.document_element();
  const std::int64_t size = capacity_of(volume);
  const std::int64_t wanted = making.image.disk > 0 ? making.image.disk : size;
  if (wanted < size) {
    throw Error("create", making.server,
                "image " + making.image.name + " (" + in_mib(size) +
                    ") is larger than the disk configured for it in "
                    "berth.conf (" + in_mib(wanted) + ")");
  }
  if (pool.available() < making.image.room) {
    throw Error("create", making.server,
                "pool " + making.image.pool + on + " has only " +
                    in_mib(pool.available()) + " free, but `room` requires " +
                    in_mib(making.image.room));
  }
  require_network(host, making.image.network);
  const std::string type =
      volume.child("target").child("format").attribute("type").value();
  return {"a disk of " + in_mib(wanted) + " backed by " + making.image.volume,
          {{"path", pool.path(image.get())},
           {"format", type.empty() ? "raw" : type},
           {"capacity", wanted}}};
}

StepDone provision_disk(HostCall& call) {
  const Making making = making_of(call);
  const Pool pool(call.hypervisor, making.image.pool);
  call.begun();
  pool.create(making.disk(),
              disk_xml(making, call.number("capacity"),
                       call.text("path"), call.text("format")));
  return {making.disk(), nullptr};
}

StepDone provision_seed(HostCall& call) {
  const Making making = making_of(call);
  const Pool pool(call.hypervisor, making.image.pool);
  call.begun();
  const VolumeHandle volume =
      pool.create(making.seed(),
                  seed_xml(making, call.number("bytes")));
  pool.upload(volume.get(), call.text("file"));
  return {making.seed(), nullptr};
}

StepDone provision_define(HostCall& call) {
  const Making making = making_of(call);
  const Hypervisor& host = call.hypervisor;
  const Pool pool(host, making.image.pool);
  const VolumeHandle disk = pool.find(making.disk());
  const VolumeHandle seed = pool.find(making.seed());
  if (!disk || !seed) {
    throw Error("define", making.server, "its volumes no longer exist");
  }
  // Defining a domain whose name exists would redefine that domain.
  if (named(host, making.server)) {
    throw Error("define", making.server, "a domain of that name exists now");
  }
  call.begun();
  const std::string xml =
      domain_xml(making, {pool.path(disk.get()), pool.path(seed.get())},
                 call.text("mac"));
  const DomainHandle domain(
      virDomainDefineXML(host.connection(), xml.c_str()));
  if (!domain) host.fail("define", making.server);
  return {making.server + ", " + std::to_string(making.image.vcpus) +
              " vcpus, " + in_mib(making.image.memory),
          nullptr};
}

StepDone provision_start(HostCall& call) {
  const Making making = making_of(call);
  const DomainHandle domain = own_domain(call.hypervisor, making);
  call.begun();
  if (virDomainCreate(domain.get()) != 0) {
    call.hypervisor.fail("start", making.server);
  }
  return {making.server + " is running", nullptr};
}

StepDone provision_tidy(HostCall& call) {
  const Making making = making_of(call);
  const Hypervisor& host = call.hypervisor;
  const DomainHandle domain = own_domain(host, making);
  const bool runs = virDomainIsActive(domain.get()) == 1;
  call.begun();
  unsigned flags = VIR_DOMAIN_AFFECT_CONFIG;
  flags |= VIR_DOMAIN_DEVICE_MODIFY_FORCE;
  if (runs) flags |= VIR_DOMAIN_AFFECT_LIVE;
  if (virDomainUpdateDeviceFlags(domain.get(), empty_drive_xml().c_str(),
                                 flags) != 0) {
    host.fail("eject the seed of", making.server);
  }
  Pool(host, making.image.pool).remove(making.seed());
  return {"removed the seed", nullptr};
}

StepDone provision_clean(HostCall& call) {
  const Making making = making_of(call);
  std::string removed;
  call.begun();
  // An operation that a killed worker requested may complete after the first
  // pass.
  let_emulator_be_known(call.hypervisor, making);
  for (const std::int64_t pause : {0, 200, 800}) {
    if (pause > 0) call.hypervisor.turn(pause);
    clean_once(call, making, removed);
  }
  return {removed.empty() ? "nothing to remove" : "removed " + removed,
          nullptr};
}

void undefine(const Hypervisor& host, virDomainPtr domain) {
  const std::string name = virDomainGetName(domain);
  const unsigned all =
      VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_NVRAM |
      VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
      VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
  if (virDomainUndefineFlags(domain, all) == 0) return;
  if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) return;
  // Older drivers reject some flags; they keep none of what those remove.
  if (virDomainUndefineFlags(domain,
                             VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
                                 VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA) == 0) {
    return;
  }
  if (virDomainUndefine(domain) != 0) host.fail("undefine", name);
}

}  // namespace berth::hypervisor
