// SPDX-License-Identifier: GPL-2.0-or-later
// How Berth marks what it makes on a host as its own, and by which job: a
// domain by an element in its <metadata>, a volume by its name. Only objects
// with this console's site are ever removed. Pure functions of text; the calls
// of libvirt are in hypervisor/provision and hypervisor/retire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/xml.hpp"

namespace berth {

// What distinguishes one server from all others.
struct Making {
  std::string site;    // 32 hex digits
  std::string server;
  std::int64_t job = 0;
  ImageConfig image;

  // "berth-SITE8-SERVER-JOB.": every volume of this job starts so, and no
  // other, because a server's name has no dot.
  std::string prefix() const;
  std::string disk() const { return prefix() + "qcow2"; }
  std::string seed() const { return prefix() + "iso"; }
};

// A volume on top of the image, which it only reads. `format`: of the image.
std::string disk_xml(const Making& making, std::int64_t capacity,
                     const std::string& image_path, const std::string& format);
std::string seed_xml(const Making& making, std::int64_t bytes);

struct DiskPaths {
  std::string disk, seed;
};
// Serial console, guest agent channel, random numbers; no display. The seed is
// a CD in the drive sda: a drive, because a CD can be removed from a running
// machine, and with virtio-scsi, because the kernels of cloud images have
// drivers for little else.
std::string domain_xml(const Making& making, const DiskPaths& paths,
                       const std::string& mac);
inline constexpr const char* kSeedTarget = "sda";
// The same drive without a CD, for virDomainUpdateDeviceFlags().
std::string empty_drive_xml();

// The maker of a domain, by its definition; nullopt: no Berth made it.
struct MadeBy {
  std::string site;
  std::string server;
  std::int64_t job = 0;
  std::string pool;
  std::vector<std::string> volumes;
};
std::optional<MadeBy> made_by(const pugi::xml_document& domain);

// 52:54:00, the prefix of QEMU's own addresses, and three random bytes.
std::string random_mac();

}  // namespace berth
