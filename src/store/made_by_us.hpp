// SPDX-License-Identifier: GPL-2.0-or-later
// How what Berth makes on a host is known again as its own, and by which job:
// a domain by an element in its <metadata>, a volume by its name. Only what
// carries this console's site is ever removed. Pure text; the host's side is
// hypervisor/provision and hypervisor/retire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/xml.hpp"

namespace berth {

// What makes one server different from all others.
struct Making {
  std::string site;    // 32 hex digits
  std::string server;
  std::int64_t job = 0;
  ImageConfig image;

  // "berth-SITE8-SERVER-JOB.": every volume of this job begins so, and none of
  // another, because a server's name has no dot.
  std::string prefix() const;
  std::string disk() const { return prefix() + "qcow2"; }
  std::string seed() const { return prefix() + "iso"; }
};

// A volume over the image, which it only reads. `format`: of the image.
std::string disk_xml(const Making& making, std::int64_t capacity,
                     const std::string& image_path, const std::string& format);
std::string seed_xml(const Making& making, std::int64_t bytes);

struct DiskPaths {
  std::string disk, seed;
};
// Serial console, guest agent channel, random numbers; no display. The seed is
// a CD in the drive sda: a drive, because a CD can be taken out of a running
// machine, and by virtio-scsi, because the kernels of cloud images have drivers
// for little else.
std::string domain_xml(const Making& making, const DiskPaths& paths,
                       const std::string& mac);
inline constexpr const char* kSeedTarget = "sda";
// That drive without a CD, for virDomainUpdateDeviceFlags.
std::string empty_drive_xml();

// Whose a domain is, by its definition; nullopt: not made by any Berth.
struct MadeBy {
  std::string site;
  std::string server;
  std::int64_t job = 0;
  std::string pool;
  std::vector<std::string> volumes;
};
std::optional<MadeBy> made_by(const pugi::xml_document& domain);

// 52:54:00 and three random bytes: what QEMU's own addresses begin with.
std::string random_mac();

}  // namespace berth
