// SPDX-License-Identifier: GPL-2.0-or-later
// Makes a POSIX ustar archive in memory: regular files only, owner 0, no times.
// Rejected: the program tar, because it would need a temporary folder with
// secrets in it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace berth {

struct TarFile {
  std::string path;  // without a leading slash
  std::string text;
  mode_t mode = 0640;
};

// Throws Error for a path that does not fit ustar (100 + 155 bytes).
std::string make_tar(const std::vector<TarFile>& files);

}  // namespace berth
