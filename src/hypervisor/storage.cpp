// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/storage.hpp"

#include <fcntl.h>
#include <libvirt/virterror.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/fd.hpp"

namespace berth::hypervisor {
namespace {

struct StreamFree {
  void operator()(virStreamPtr stream) const {
    // Has no effect on a finished stream.
    virStreamAbort(stream);
    virStreamFree(stream);
  }
};
using Stream = std::unique_ptr<std::remove_pointer_t<virStreamPtr>, StreamFree>;

}  // namespace

Pool::Pool(const Hypervisor& host, const std::string& name)
    : host_(host),
      name_(name),
      pool_(virStoragePoolLookupByName(host.connection(), name.c_str())) {
  if (!pool_) host.fail("find", "pool " + name);
  if (virStoragePoolIsActive(pool_.get()) != 1) {
    throw Error("use", "pool " + name,
                "it is not active on host " + host.host().name +
                    "; run: virsh pool-start " + name);
  }
  // The result is ignored: a refresh fails while somebody else's volume is
  // being created, and the volumes that Berth created are known without it.
  virStoragePoolRefresh(pool_.get(), 0);
}

std::string Pool::named(const std::string& volume) const {
  return "volume " + volume + " of pool " + name_;
}

std::int64_t Pool::available() const {
  virStoragePoolInfo info{};
  if (virStoragePoolGetInfo(pool_.get(), &info) != 0) {
    host_.fail("read the free space of", "pool " + name_);
  }
  return static_cast<std::int64_t>(info.available);
}

VolumeHandle Pool::find(const std::string& volume) const {
  VolumeHandle found(virStorageVolLookupByName(pool_.get(), volume.c_str()));
  if (!found && virGetLastErrorCode() != VIR_ERR_NO_STORAGE_VOL) {
    host_.fail("look up", named(volume));
  }
  return found;
}

pugi::xml_document Pool::describe(virStorageVolPtr volume) const {
  const std::string name = virStorageVolGetName(volume);
  char* text = virStorageVolGetXMLDesc(volume, 0);
  if (!text) host_.fail("read the definition of", named(name));
  return parse_xml(take_text(text), named(name));
}

std::string Pool::path(virStorageVolPtr volume) const {
  char* text = virStorageVolGetPath(volume);
  if (!text) {
    host_.fail("read the path of", named(virStorageVolGetName(volume)));
  }
  return take_text(text);
}

std::vector<std::string> Pool::volumes() const {
  virStorageVolPtr* list = nullptr;
  const int count = virStoragePoolListAllVolumes(pool_.get(), &list, 0);
  if (count < 0) host_.fail("list the volumes of", "pool " + name_);
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) {
    const VolumeHandle volume(list[i]);
    out.emplace_back(virStorageVolGetName(volume.get()));
  }
  std::free(list);
  return out;
}

VolumeHandle Pool::create(const std::string& volume,
                          const std::string& xml) const {
  VolumeHandle made(virStorageVolCreateXML(pool_.get(), xml.c_str(), 0));
  if (!made) host_.fail("create", named(volume));
  return made;
}

void Pool::upload(virStorageVolPtr volume, const std::string& file) const {
  const std::string name = virStorageVolGetName(volume);
  const Fd from(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) throw_errno("read", file);
  const off_t size = ::lseek(from.get(), 0, SEEK_END);
  ::lseek(from.get(), 0, SEEK_SET);
  const Stream stream(virStreamNew(host_.connection(), 0));
  if (!stream ||
      virStorageVolUpload(volume, stream.get(), 0,
                          static_cast<unsigned long long>(size), 0) != 0) {
    host_.fail("write to", named(name));
  }
  std::array<char, 64 * 1024> buffer;
  ssize_t n;
  while ((n = ::read(from.get(), buffer.data(), buffer.size())) > 0) {
    for (ssize_t sent = 0; sent < n;) {
      const int more = virStreamSend(stream.get(), buffer.data() + sent,
                                     static_cast<std::size_t>(n - sent));
      if (more < 0) host_.fail("write to", named(name));
      sent += more;
    }
  }
  if (n < 0) throw_errno("read", file);
  if (virStreamFinish(stream.get()) != 0) host_.fail("write to", named(name));
}

bool Pool::remove(const std::string& volume) const {
  const VolumeHandle found = find(volume);
  if (!found) return false;
  if (virStorageVolDelete(found.get(), 0) != 0) {
    if (virGetLastErrorCode() == VIR_ERR_NO_STORAGE_VOL) return false;
    host_.fail("remove", named(volume));
  }
  return true;
}

std::string Pool::lies_under(const std::string& volume) const {
  const VolumeHandle found = find(volume);
  if (!found) return "";
  const std::string own = path(found.get());
  for (const std::string& name : volumes()) {
    const VolumeHandle other = find(name);
    if (!other || name == volume) continue;
    const pugi::xml_document xml = describe(other.get());
    const pugi::xml_node backing = xml.document_element().child("backingStore");
    if (xml_text(backing.child("path")) == own) return name;
  }
  return "";
}

}  // namespace berth::hypervisor
