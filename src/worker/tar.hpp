// SPDX-License-Identifier: GPL-2.0-or-later
// Rendered files as a POSIX ustar archive in memory: regular files only, owner
// 0, no times. Our own forty lines, because the alternative is the tar program
// over a temporary folder with secrets in it.
#pragma once

#include <string>
#include <vector>

#include "worker/render.hpp"

namespace berth::worker {

// Throws Error for a path that does not fit ustar (100 + 155 bytes).
std::string make_tar(const std::vector<RenderedFile>& files);

}  // namespace berth::worker
