// SPDX-License-Identifier: GPL-2.0-or-later
// One storage pool of a host, through libvirt's storage API alone, so that it
// works the same on a host that is far away. What the host refuses is told as
// Hypervisor::fail tells it.
#pragma once

#include <libvirt/libvirt.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "hypervisor/hypervisor.hpp"

namespace berth::hypervisor {

struct PoolFree {
  void operator()(virStoragePoolPtr pool) const { virStoragePoolFree(pool); }
};
struct VolumeFree {
  void operator()(virStorageVolPtr volume) const { virStorageVolFree(volume); }
};
using VolumeHandle =
    std::unique_ptr<std::remove_pointer_t<virStorageVolPtr>, VolumeFree>;

class Pool {
 public:
  // Error when the host has none of that name, or it is not active. Refreshed,
  // because files that came or went behind libvirt's back are not seen else.
  Pool(const Hypervisor& host, const std::string& name);

  std::int64_t available() const;  // bytes
  VolumeHandle find(const std::string& volume) const;  // empty: none
  pugi::xml_document describe(virStorageVolPtr volume) const;
  std::string path(virStorageVolPtr volume) const;
  std::vector<std::string> volumes() const;
  VolumeHandle create(const std::string& volume, const std::string& xml) const;
  // The file's bytes become the volume's.
  void upload(virStorageVolPtr volume, const std::string& file) const;
  // False when it was not there.
  bool remove(const std::string& volume) const;
  // The volume that has this one as its backing store; empty: none.
  std::string lies_under(const std::string& volume) const;

 private:
  std::string named(const std::string& volume) const;
  const Hypervisor& host_;
  std::string name_;
  std::unique_ptr<std::remove_pointer_t<virStoragePoolPtr>, PoolFree> pool_;
};

}  // namespace berth::hypervisor
