// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker paths APP`: lists the branches, tags and trunk of the
// repository and publishes them as state/applications/APP.paths.json:
//
//   {"application":"shop","as_of":RFC3339,"truncated":false,
//    "paths":[{"path":"trunk","revision":"34","at":RFC3339|null,
//              "author":"..."|null}]}        newest first, at most 2,000
//
// If the repository is unreachable the file is not changed; its as_of shows its
// age.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth::worker {

int paths_chore(const Config& config, const std::string& application);

}  // namespace berth::worker
