// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/tar.hpp"

#include <cstdio>
#include <cstring>

#include "base/error.hpp"

namespace berth {
namespace {

constexpr std::size_t kBlock = 512;

struct Header {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char user[32];
  char group[32];
  char major[8];
  char minor[8];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(Header) == kBlock);

void set_path(Header& header, const std::string& path) {
  std::size_t cut = 0;  // bytes of prefix, including its slash
  if (path.size() > sizeof header.name) {
    cut = path.find('/', path.size() - sizeof header.name - 1);
    if (cut == std::string::npos || cut > sizeof header.prefix ||
        cut + 1 == path.size()) {
      throw Error("pack", path, "path too long for a tar archive");
    }
    std::memcpy(header.prefix, path.data(), cut);
    ++cut;
  }
  std::memcpy(header.name, path.data() + cut, path.size() - cut);
}

}  // namespace

std::string make_tar(const std::vector<TarFile>& files) {
  std::string out;
  for (const TarFile& file : files) {
    Header header{};
    set_path(header, file.path);
    std::snprintf(header.mode, sizeof header.mode, "%07o",
                  static_cast<unsigned>(file.mode));
    std::snprintf(header.uid, sizeof header.uid, "%07o", 0u);
    std::snprintf(header.gid, sizeof header.gid, "%07o", 0u);
    std::snprintf(header.size, sizeof header.size, "%011zo",
                  file.text.size());
    std::snprintf(header.mtime, sizeof header.mtime, "%011o", 0u);
    header.type = '0';
    std::memcpy(header.magic, "ustar", 6);
    std::memcpy(header.version, "00", 2);
    std::memset(header.checksum, ' ', sizeof header.checksum);
    unsigned sum = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
    for (std::size_t i = 0; i < sizeof header; ++i) sum += bytes[i];
    std::snprintf(header.checksum, sizeof header.checksum, "%06o", sum);
    out.append(reinterpret_cast<const char*>(&header), sizeof header);
    out += file.text;
    out.append((kBlock - file.text.size() % kBlock) % kBlock, '\0');
  }
  out.append(2 * kBlock, '\0');
  return out;
}

}  // namespace berth
