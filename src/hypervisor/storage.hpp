// SPDX-License-Identifier: GPL-2.0-or-later
// One storage pool of a host. Only libvirt's storage API is used, so that it
// works the same on a remote host. Errors are those of Hypervisor::fail.
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
  // Throws Error when the host has no pool of that name, or it is not active.
  // The pool is refreshed, because libvirt does not notice files that were
  // created or removed without it.
  Pool(const Hypervisor& host, const std::string& name);

  std::int64_t available() const;  // bytes
  VolumeHandle find(const std::string& volume) const;  // empty: none
  pugi::xml_document describe(virStorageVolPtr volume) const;
  std::string path(virStorageVolPtr volume) const;
  std::vector<std::string> volumes() const;
  VolumeHandle create(const std::string& volume, const std::string& xml) const;
  // Copies the file's bytes into the volume.
  void upload(virStorageVolPtr volume, const std::string& file) const;
  // False if the volume does not exist.
  bool remove(const std::string& volume) const;
  // The volume that has this one as its backing store; empty if none has.
  std::string lies_under(const std::string& volume) const;

 private:
  std::string named(const std::string& volume) const;
  const Hypervisor& host_;
  std::string name_;
  std::unique_ptr<std::remove_pointer_t<virStoragePoolPtr>, PoolFree> pool_;
};

}  // namespace berth::hypervisor
